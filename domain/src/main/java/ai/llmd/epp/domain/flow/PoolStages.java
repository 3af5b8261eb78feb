package ai.llmd.epp.domain.flow;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.saturation.SaturationDetector;

/**
 * How full a pool is in each stage of disaggregated inference.
 *
 * @param prefill saturation of the endpoints that prefill; NaN when there are none
 * @param decode the same of those that decode, endpoints without a role included
 * @param effective the higher one; the whole pool's when no endpoint has either role
 */
public record PoolStages(double prefill, double decode, double effective) {

  private static final String ROLE_LABEL = "llm-d.ai/role";

  /** Measures a pool, stage by stage. */
  public static PoolStages measure(SaturationDetector detector, Candidates pool, long nowNanos) {
    return measure(detector, pool, nowNanos, 0);
  }

  /**
   * Measures a pool, stage by stage.
   *
   * @param more requests that are on their way and do not show yet. Whoever counts them counts one
   *     out only after it shows, and reads the count before this measures: then a request may count
   *     twice for a moment, and is never missed
   */
  public static PoolStages measure(
      SaturationDetector detector, Candidates pool, long nowNanos, int more) {
    Candidates prefilling = pool.where(PoolStages::prefills);
    Candidates decoding = pool.where(PoolStages::decodes);
    double prefill = saturation(detector, prefilling, nowNanos, more);
    double decode = saturation(detector, decoding, nowNanos, more);
    double effective;
    if (prefilling.isEmpty()) {
      effective = decoding.isEmpty() ? ofAll(detector, pool, nowNanos, more) : decode;
    } else {
      effective = decoding.isEmpty() ? prefill : Math.max(prefill, decode);
    }
    return new PoolStages(prefill, decode, effective);
  }

  /** Without a stage; an empty pool is what the detector takes it for. */
  private static double ofAll(
      SaturationDetector detector, Candidates pool, long nowNanos, int more) {
    return pool.isEmpty()
        ? detector.saturation(pool, nowNanos)
        : saturation(detector, pool, nowNanos, more);
  }

  private static double saturation(
      SaturationDetector detector, Candidates stage, long nowNanos, int more) {
    return stage.isEmpty()
        ? Double.NaN
        : detector.saturation(stage, nowNanos) + more * detector.shareOfRequest(stage.size());
  }

  private static String role(Candidate candidate) {
    String role = candidate.endpoint().labels().get(ROLE_LABEL);
    return role == null ? "" : role;
  }

  private static boolean prefills(Candidate candidate) {
    return switch (role(candidate)) {
      case "prefill", "encode-prefill", "prefill-decode", "both", "encode-prefill-decode" -> true;
      default -> false;
    };
  }

  private static boolean decodes(Candidate candidate) {
    return switch (role(candidate)) {
      case "", "decode", "prefill-decode", "both", "encode-prefill-decode" -> true;
      default -> false;
    };
  }
}
