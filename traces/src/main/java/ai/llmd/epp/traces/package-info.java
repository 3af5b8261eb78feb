/**
 * How traces leave a program: the environment's settings, a bounded queue and the exporters of
 * OpenTelemetry; and the context that headers carry.
 */
@NullMarked
package ai.llmd.epp.traces;

import org.jspecify.annotations.NullMarked;
