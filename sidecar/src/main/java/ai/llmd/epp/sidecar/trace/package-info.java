/** What is recorded of requests and their stages, with OpenTelemetry. */
@NullMarked
package ai.llmd.epp.sidecar.trace;

import org.jspecify.annotations.NullMarked;
