/**
 * Traces as OpenTelemetry has them: one trace for each request that is sampled, its spans built
 * from what the decision and the response show anyway, and exported beside the requests.
 */
@NullMarked
package ai.llmd.epp.adapter.telemetry.trace;

import org.jspecify.annotations.NullMarked;
