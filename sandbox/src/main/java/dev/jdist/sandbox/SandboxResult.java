package dev.jdist.sandbox;

/** @param exitCode of the command; 128 plus the signal's number if one ended it */
public record SandboxResult(int exitCode, byte[] stdout, byte[] stderr) {}
