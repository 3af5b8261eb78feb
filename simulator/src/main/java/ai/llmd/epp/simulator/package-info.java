/**
 * A model server that behaves like vLLM, without a GPU: the command line, and the way to start it
 * inside another program.
 */
@NullMarked
package ai.llmd.epp.simulator;

import org.jspecify.annotations.NullMarked;
