/**
 * Compilers and their command lines, whatever the language: which compiler a program is, what one command line asks of it, what
 * decides what it writes, and which commands preprocess, compile here or compile elsewhere. What all that means for the
 * options of some compilers is behind {@link dev.jdist.client.compiler.CompilerFamily}.
 *
 * <p>Nothing here runs a program or touches the network, and nothing here knows a family.
 */
@NullMarked
package dev.jdist.client.compiler;

import org.jspecify.annotations.NullMarked;
