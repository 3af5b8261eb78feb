/** What the program costs: micro-benchmarks of the hot paths, and the load for whole runs. */
@NullMarked
package ai.llmd.epp.benchmark;

import org.jspecify.annotations.NullMarked;
