/** What a server reports about itself, under vLLM's names and in Prometheus' text format. */
@NullMarked
package ai.llmd.epp.simulator.metrics;

import org.jspecify.annotations.NullMarked;
