package ai.llmd.epp.simulator.engine;

/** Why a sequence ended, with the name that clients and metrics see. */
public enum FinishReason {
  STOP("stop"),
  LENGTH("length"),
  /** A prefill whose decode happens on another server. */
  REMOTE_DECODE("remote_decode"),
  /** Too little of the prompt was cached for the request's {@code cache_hit_threshold}. */
  CACHE_THRESHOLD("cache_threshold"),
  /** The client left. */
  ABORT("abort");

  private final String label;

  FinishReason(String label) {
    this.label = label;
  }

  @Override
  public String toString() {
    return label;
  }
}
