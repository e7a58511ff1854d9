package dev.jdist.client.toolchain;

import java.nio.file.Path;
import java.util.Set;

/**
 * Programs, with what the loader loads for them.
 *
 * @param files the programs and their libraries
 * @param decisive other files that decided which libraries these are
 * @param missing files that the loader would have taken instead, and which are not there
 */
public record ProgramFiles(Set<Path> files, Set<Path> decisive, Set<Path> missing) {}
