package dev.jdist.client.outcome;

/**
 * Under which names statistics count a translation unit.
 *
 * @param group such as {@code C/C++}
 * @param detail language and compiler, such as {@code c++ [gcc]}
 */
public record UnitLabel(String group, String detail) {}
