package ai.llmd.epp.adapter.latency;

import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.latency.LatencyRow;
import ai.llmd.epp.json.JsonQuote;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes rows as the servers read them. */
final class RowJson {

  private static final int ROW_CHARS = 400;

  private RowJson() {}

  /**
   * The body that asks for predictions.
   *
   * @param rows valid ones
   */
  static byte[] question(List<LatencyRow> rows) {
    StringBuilder json = new StringBuilder(rows.size() * ROW_CHARS).append("{\"requests\":[");
    String comma = "";
    for (LatencyRow row : rows) {
      json.append(comma);
      open(json, row);
      json.append('}');
      comma = ",";
    }
    return json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The body that teaches. */
  static byte[] lesson(List<TrainingRow> rows) {
    StringBuilder json = new StringBuilder(rows.size() * ROW_CHARS).append("{\"entries\":[");
    String comma = "";
    for (TrainingRow entry : rows) {
      json.append(comma);
      open(json, entry.row());
      json.append(",\"actual_ttft_ms\":").append(entry.ttftMillis());
      json.append(",\"actual_tpot_ms\":").append(entry.tpotMillis());
      json.append(",\"timestamp\":\"").append(entry.at()).append("\"}");
      comma = ",";
    }
    return json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void open(StringBuilder json, LatencyRow row) {
    json.append("{\"kv_cache_percentage\":").append(row.kvCachePercentage());
    json.append(",\"input_token_length\":").append(row.inputTokens());
    json.append(",\"num_request_waiting\":").append(row.waitingRequests());
    json.append(",\"num_request_running\":").append(row.runningRequests());
    json.append(",\"num_tokens_generated\":").append(row.generatedTokens());
    json.append(",\"prefix_cache_score\":").append(row.prefixCacheScore());
    json.append(",\"encoder_input_size\":").append(row.encoderInputSize());
    json.append(",\"encoder_matched_size\":").append(row.encoderMatchedSize());
    if (!row.podType().isEmpty()) {
      json.append(",\"pod_type\":").append(JsonQuote.quoted(row.podType()));
    }
    json.append(",\"prefill_tokens_in_flight\":").append(row.tokensInFlight());
    json.append(",\"decode_tokens_in_flight\":0");
  }

  /**
   * Whether servers take a row.
   *
   * @throws WithoutResultException if they would refuse it, and all that go with it
   */
  static void check(LatencyRow row) {
    if (!isShare(row.kvCachePercentage())
        || !isShare(row.prefixCacheScore())
        || row.inputTokens() < 0
        || row.waitingRequests() < 0
        || row.runningRequests() < 0
        || row.generatedTokens() < 0
        || row.tokensInFlight() < 0
        || row.encoderInputSize() < 0
        || row.encoderMatchedSize() < 0
        || row.encoderMatchedSize() > row.encoderInputSize()) {
      throw new WithoutResultException("has a row that no prediction server takes");
    }
  }

  private static boolean isShare(double value) {
    return value >= 0 && value <= 1;
  }
}
