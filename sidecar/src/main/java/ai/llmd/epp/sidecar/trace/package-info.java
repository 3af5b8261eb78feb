/** What is recorded of requests and their stages, as OpenTelemetry has it. */
@NullMarked
package ai.llmd.epp.sidecar.trace;

import org.jspecify.annotations.NullMarked;
