package ai.llmd.epp.adapter.extproc.transport;

/** How often a peer does what costs us something and brings no request. The connection's thread. */
final class PeerPace {

  /** Pings that come too fast, as gRPC allows them. */
  private static final int MAX_STRIKES = 2;

  /** Frames in a row that bring nothing. */
  private static final int MAX_EMPTY = 10_000;

  /** Settings within the time in which resets are counted. */
  private static final int MAX_SETTINGS = 100;

  private final TransportRules rules;
  private int strikes;
  private boolean hasPinged;
  private long lastPingNanos;
  private final Allowance resets;
  private final Allowance settings;
  private int empty;

  PeerPace(TransportRules rules) {
    this.rules = rules;
    this.resets = new Allowance(rules.maxResets(), rules.resetWindow());
    this.settings = new Allowance(MAX_SETTINGS, rules.resetWindow());
  }

  /** A ping came. */
  void pinged(long nowNanos) throws Http2Failure {
    boolean isSoon = hasPinged && nowNanos - lastPingNanos < rules.leastBetweenPings().toNanos();
    hasPinged = true;
    lastPingNanos = nowNanos;
    if (isSoon && ++strikes > MAX_STRIKES) {
      throw new Http2Failure(Frames.ENHANCE_YOUR_CALM, "too_many_pings");
    }
  }

  /** Something was sent: pings may follow it at once. */
  void sent() {
    strikes = 0;
    hasPinged = false;
  }

  /** The peer gave a stream up, or made us do so. */
  void reset(long nowNanos) throws Http2Failure {
    if (!resets.use(nowNanos)) {
      throw new Http2Failure(Frames.ENHANCE_YOUR_CALM, "too many streams were reset");
    }
  }

  /** Settings came: each may change the windows of all streams. */
  void settled(long nowNanos) throws Http2Failure {
    if (!settings.use(nowNanos)) {
      throw new Http2Failure(Frames.ENHANCE_YOUR_CALM, "too many settings");
    }
  }

  /** A frame came that brings nothing. */
  void empty() throws Http2Failure {
    if (++empty > MAX_EMPTY) {
      throw new Http2Failure(Frames.ENHANCE_YOUR_CALM, "too many frames that bring nothing");
    }
  }

  /** A frame came that brings something. */
  void useful() {
    empty = 0;
  }
}
