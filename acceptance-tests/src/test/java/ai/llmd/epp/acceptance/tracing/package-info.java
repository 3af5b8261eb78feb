/** Traces of the whole picker, as a collector receives them. */
@NullMarked
package ai.llmd.epp.acceptance.tracing;

import org.jspecify.annotations.NullMarked;
