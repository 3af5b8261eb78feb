package ai.llmd.epp.domain.health;

import ai.llmd.epp.domain.health.Claim.Finding;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What other replicas hold against one endpoint. A claim is believed until this replica has newer
 * evidence of its own: then it is the peer's network, or over. A peer that was contradicted is not
 * believed alone for a while, so that a connection of its own that comes and goes does not make the
 * endpoint come and go here. Bounded by the number of peers. The caller locks.
 */
final class PeerClaims {

  static final long DISTRUST_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final class Peer {
    Claim claim = Claim.NONE;
    boolean isContradicted;
    boolean isDistrusted;
    long distrustedUntilNanos;

    boolean stands() {
      return claim.finding() != Finding.NONE && !isContradicted;
    }

    boolean isTrusted(long nowNanos) {
      return !isDistrusted || nowNanos - distrustedUntilNanos >= 0;
    }
  }

  private final Map<Long, Peer> peers = new HashMap<>(4);

  /**
   * A peer claims something, or withdraws what it claimed.
   *
   * @return what it claimed before
   */
  Finding put(long writer, Claim claim) {
    Peer peer = peers.computeIfAbsent(writer, w -> new Peer());
    Claim before = peer.claim;
    if (!claim.equals(before)) {
      peer.claim = claim;
      peer.isContradicted = false;
    }
    return before.finding();
  }

  /** A peer is gone. */
  void forget(long writer) {
    peers.remove(writer);
  }

  /** This replica could connect, or even got a request answered. */
  void contradict(boolean isRequestAnswered, long nowNanos) {
    for (Peer peer : peers.values()) {
      if (peer.stands() && (isRequestAnswered || peer.claim.finding() == Finding.UNREACHABLE)) {
        peer.isContradicted = true;
        peer.isDistrusted = true;
        peer.distrustedUntilNanos = nowNanos + DISTRUST_NANOS;
      }
    }
  }

  /** Whether what peers claim counts: a claim of one that is trusted, or the same of two. */
  boolean areBelieved(long nowNanos) {
    int standing = 0;
    for (Peer peer : peers.values()) {
      if (peer.stands()) {
        if (peer.isTrusted(nowNanos)) {
          return true;
        }
        standing++;
      }
    }
    return standing > 1;
  }
}
