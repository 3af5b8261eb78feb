/**
 * Spans on their way to a collector: encoded as OTLP asks for it, in one pass and without objects
 * in between, and sent over gRPC or HTTP with the retries of its specification.
 */
@NullMarked
package ai.llmd.epp.traces.otlp;

import org.jspecify.annotations.NullMarked;
