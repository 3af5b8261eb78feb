package ai.llmd.epp.replication;

import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The other replicas that are alive, and what each of them has in flight. A replica that says
 * nothing for the length of a lease is gone, and its work with it. Any thread.
 *
 * <p>Each says its work in absolute numbers, so the newest counts: one that is lost or said twice
 * does no harm.
 */
final class Peers {

  /** Bounds on what strangers who can write to the store may fill memory with. */
  private static final int MOST_PEERS = 1_024;

  private static final int MOST_ACCOUNTS = 1 << 16;

  /** A producer's count for an endpoint. */
  private record Account(String ledger, EndpointId endpoint) {}

  private record Work(long requests, long tokens) {}

  private static final class Peer {
    final Map<Account, Work> work = new HashMap<>();
    long heardAtNanos;
    long saidAtMicros;
    long loadSaidIn;
    boolean isReady;
  }

  private final SharedState state;
  private final Members members;
  private final long leaseNanos;

  // guarded by this
  private final Map<Long, Peer> peers = new HashMap<>();
  private final Set<Account> touched = new HashSet<>();
  private @Nullable Peer speaking;

  Peers(SharedState state, Members members, long leaseNanos) {
    this.state = state;
    this.members = members;
    this.leaseNanos = leaseNanos;
  }

  /** A batch of another replica begins. */
  synchronized void begin(BatchHead head, long nowNanos) {
    Peer peer = peers.get(head.writer());
    if (head.isFarewell()) {
      forget(head.writer());
      speaking = null;
      return;
    }
    if (peer == null) {
      if (peers.size() >= MOST_PEERS) {
        speaking = null;
        return;
      }
      peer = new Peer();
      peers.put(head.writer(), peer);
    }
    peer.heardAtNanos = nowNanos;
    peer.saidAtMicros = head.openedAtMicros();
    peer.isReady = head.isReady();
    speaking = head.sequence() > peer.loadSaidIn ? peer : null; // said again: what it has is newer
    if (speaking != null) {
      peer.loadSaidIn = head.sequence();
      if (head.isWholeLoad()) {
        touched.addAll(peer.work.keySet());
        peer.work.clear();
      }
    }
  }

  synchronized void load(String ledger, EndpointId endpoint, long requests, long tokens) {
    Peer peer = speaking;
    if (peer == null || peer.work.size() >= MOST_ACCOUNTS) {
      return;
    }
    var account = new Account(ledger, endpoint);
    touched.add(account);
    if (requests == 0 && tokens == 0) {
      peer.work.remove(account);
    } else {
      peer.work.put(account, new Work(requests, tokens));
    }
  }

  /** The batch is over: what it changed is summed up. */
  synchronized void end() {
    touched.forEach(this::sumUp);
    touched.clear();
    speaking = null;
  }

  /**
   * The log has been read up to now: who said its last word in it long ago, by the wall clocks, is
   * gone. Where the clocks differ a living one may be taken for gone; it is back with its next
   * word, a part of a lease later, which says all its work.
   */
  synchronized void caughtUp(long nowNanos, long nowMicros) {
    for (Peer peer : peers.values()) {
      long silentMicros = Math.max(0, nowMicros - peer.saidAtMicros);
      peer.heardAtNanos = nowNanos - TimeUnit.MICROSECONDS.toNanos(silentMicros);
    }
    expire(nowNanos);
  }

  /** Forgets who has not been heard for the length of a lease. */
  synchronized void expire(long nowNanos) {
    List<Long> silent = new ArrayList<>();
    peers.forEach(
        (writer, peer) -> {
          if (nowNanos - peer.heardAtNanos > leaseNanos) {
            silent.add(writer);
          }
        });
    silent.forEach(this::forget);
    end();
  }

  private void forget(long writer) {
    Peer gone = peers.remove(writer);
    if (gone != null) {
      touched.addAll(gone.work.keySet());
    }
  }

  /** An endpoint came, or a ledger was begun anew: puts everything in place again. */
  synchronized void sumUpAll() {
    peers.values().forEach(peer -> touched.addAll(peer.work.keySet()));
    touched.forEach(this::sumUp);
    touched.clear();
  }

  private void sumUp(Account account) {
    EndpointState member = members.find(account.endpoint());
    LoadLedger ledger = state.ledgers().get(account.ledger());
    if (member == null || ledger == null || !ledger.isShared()) {
      return;
    }
    long requests = 0;
    long tokens = 0;
    for (Peer peer : peers.values()) {
      Work work = peer.work.get(account);
      if (work != null) {
        requests += work.requests();
        tokens += work.tokens();
      }
    }
    ledger.putRemote(member.slot(), member.incarnation(), requests, tokens);
  }

  /** Other replicas that are alive. */
  synchronized int count() {
    return peers.size();
  }

  /** Whether no other replica that is ready has a lower number. */
  synchronized boolean isLowest(long writer) {
    for (Map.Entry<Long, Peer> peer : peers.entrySet()) {
      if (peer.getValue().isReady && peer.getKey() < writer) {
        return false;
      }
    }
    return true;
  }

  /** Whether another replica is alive that knows what was to be known. */
  synchronized boolean hasReadyOne() {
    return peers.values().stream().anyMatch(peer -> peer.isReady);
  }

  synchronized boolean isAlive(long writer) {
    return peers.containsKey(writer);
  }
}
