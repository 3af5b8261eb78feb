/**
 * The simulated inference engine: a bounded batch, a queue, a prefix cache and a model of time. It
 * is pure: it sees time through {@link ai.llmd.epp.simulator.engine.Timeline} and knows neither
 * HTTP nor text. One engine belongs to one thread, the one that runs its timeline.
 */
@NullMarked
package ai.llmd.epp.simulator.engine;

import org.jspecify.annotations.NullMarked;
