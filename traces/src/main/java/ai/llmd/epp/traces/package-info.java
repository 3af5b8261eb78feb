/**
 * How traces leave a program: the environment's settings as OpenTelemetry has them, a bounded queue
 * and exporters; and the context that headers carry.
 */
@NullMarked
package ai.llmd.epp.traces;

import org.jspecify.annotations.NullMarked;
