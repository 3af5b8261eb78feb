package ai.llmd.epp.adapter.latency;

import ai.llmd.epp.domain.latency.LatencyRow;
import java.time.Instant;

/**
 * What was observed of one request.
 *
 * @param ttftMillis to the first token; 0 when this row is not about it
 * @param tpotMillis for each further token; 0 when this row is not about them
 */
record TrainingRow(LatencyRow row, double ttftMillis, double tpotMillis, Instant at) {}
