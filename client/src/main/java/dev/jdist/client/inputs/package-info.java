/**
 * What a compile reads: the forms in which a unit's inputs are made, keyed and sent to other machines, behind
 * {@link dev.jdist.client.inputs.InputForm} and {@link dev.jdist.client.inputs.UnitInputs}; the directories that are searched
 * for included files; and dependency files as lists of prerequisites. Knows neither cache nor farm.
 */
@NullMarked
package dev.jdist.client.inputs;

import org.jspecify.annotations.NullMarked;
