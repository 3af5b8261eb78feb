package ai.llmd.epp.replication.receive;

import ai.llmd.epp.application.port.in.ShareClaims;
import ai.llmd.epp.application.port.in.ShareQueues;
import ai.llmd.epp.application.port.out.ReplicaPeer;
import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.replication.batch.BatchHead;
import ai.llmd.epp.replication.state.PoolMembers;
import ai.llmd.epp.replication.state.ReplicaState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The other replicas that are alive, their work in flight, and what they hold against endpoints. A
 * peer from which nothing was received for the length of a lease counts as dead, and its work in
 * flight no longer counts. Any thread.
 *
 * <p>Work in flight is sent in absolute numbers, so the newest counts: a batch that is lost or
 * received twice does no harm.
 */
public final class Peers {

  /** Bounds the memory that anything else writing to the store could fill. */
  private static final int MAX_PEERS = 1_024;

  private static final int MAX_SHOWN = 64;

  private static final int MAX_ACCOUNTS = 1 << 16;

  /** Memory of the accounts of all peers, about. */
  private static final long MAX_ACCOUNT_BYTES = 32L << 20;

  private static final long BYTES_PER_ACCOUNT = 200;

  /** A producer's count for an endpoint. */
  private record Account(String ledger, EndpointId endpoint) {

    long bytes() {
      return BYTES_PER_ACCOUNT
          + ledger.length()
          + endpoint.namespace().length()
          + endpoint.name().length();
    }
  }

  private record Work(long requests, long tokens) {

    /** Of one peer: more than there ever is, and the sum over all peers is still a number. */
    private static final long MAX = 1L << 48;

    static Work within(long requests, long tokens) {
      return new Work(Math.min(requests, MAX), Math.min(tokens, MAX));
    }
  }

  private static final class Peer {
    final Map<Account, Work> work = new HashMap<>();
    long receivedAtNanos;
    long sentAtMicros;
    long loadSequence;
    boolean isReady;

    Map<EndpointId, Long> inFlight() {
      Map<EndpointId, Long> most = new HashMap<>();
      work.forEach(
          (account, booked) -> {
            if (booked.requests() > 0) {
              most.merge(account.endpoint(), booked.requests(), Math::max);
            }
          });
      return most;
    }
  }

  private final SharedState state;
  private final PoolMembers members;
  private final long leaseNanos;

  // guarded by this
  private final PeerClaims claims;
  private final PeerQueues queues;
  private final Map<Long, Peer> peers = new HashMap<>();
  private long accountBytes;
  private final Set<Account> touched = new HashSet<>();
  private @Nullable Peer current; // whose load entries are being applied

  /**
   * @param shared takes what peers hold against endpoints
   * @param leaseNanos how long a silent peer counts as alive
   */
  public Peers(ReplicaState state, ShareClaims shared, ShareQueues sharedQueues, long leaseNanos) {
    this.claims = new PeerClaims(shared, state.members());
    this.queues = new PeerQueues(sharedQueues);
    this.state = state.shared();
    this.members = state.members();
    this.leaseNanos = leaseNanos;
  }

  /** The numbers of a peer's batches up to now mean nothing: its next one is the newest. */
  synchronized void beginAnew(long writer) {
    Peer peer = peers.get(writer);
    if (peer != null) {
      peer.loadSequence = 0;
    }
  }

  /** A new batch of a peer begins. */
  synchronized void begin(BatchHead head, long nowNanos) {
    Peer peer = peers.get(head.writer());
    if (head.isFarewell()) {
      forget(head.writer());
      current = null;
      return;
    }
    if (peer == null) {
      if (peers.size() >= MAX_PEERS) {
        current = null;
        return;
      }
      peer = new Peer();
      peers.put(head.writer(), peer);
    }
    peer.receivedAtNanos = nowNanos;
    peer.sentAtMicros = head.openedAtMicros();
    peer.isReady = head.isReady();
    current =
        head.sequence() > peer.loadSequence
            ? peer
            : null; // a retransmission: the numbers it has are newer
    if (current != null) {
      peer.loadSequence = head.sequence();
      claims.begin(head);
      queues.begin(head);
      if (head.isWholeLoad()) {
        clear(peer);
      }
    }
  }

  synchronized void load(String ledger, EndpointId endpoint, long requests, long tokens) {
    Peer peer = current;
    if (peer == null || peer.work.size() >= MAX_ACCOUNTS) {
      return;
    }
    var account = new Account(ledger, endpoint);
    if (requests == 0 && tokens == 0) {
      if (peer.work.remove(account) != null) {
        accountBytes -= account.bytes();
        touched.add(account);
      }
    } else if (accountBytes + account.bytes() <= MAX_ACCOUNT_BYTES) {
      if (peer.work.put(account, Work.within(requests, tokens)) == null) {
        accountBytes += account.bytes();
      }
      touched.add(account);
    }
  }

  synchronized void queue(QueueKey key, QueueLoad load) {
    if (current != null) {
      queues.put(key, load);
    }
  }

  synchronized void claim(EndpointId endpoint, Claim claim) {
    if (current != null) {
      claims.put(endpoint, claim);
    }
  }

  private void clear(Peer peer) {
    for (Account account : peer.work.keySet()) {
      accountBytes -= account.bytes();
      touched.add(account);
    }
    peer.work.clear();
  }

  /** The batch ends: what it changed goes into the ledgers. */
  synchronized void end() {
    updateTouched();
    if (current != null) {
      claims.end();
      queues.end();
    }
    current = null;
  }

  private void updateTouched() {
    touched.forEach(this::updateLedger);
    touched.clear();
  }

  /**
   * The log has been read to its end: a peer whose last batch in it was sent longer than a lease
   * ago, by the wall clocks, is dead. Where the clocks differ a living peer may be taken for dead;
   * its next heartbeat, a part of a lease later, brings it back with all its work.
   */
  synchronized void caughtUp(long nowNanos, long nowMicros) {
    for (Peer peer : peers.values()) {
      long silentMicros = Math.max(0, nowMicros - peer.sentAtMicros);
      peer.receivedAtNanos = nowNanos - TimeUnit.MICROSECONDS.toNanos(silentMicros);
    }
    expire(nowNanos);
  }

  /** Forgets the peers whose lease has passed. */
  public synchronized void expire(long nowNanos) {
    List<Long> silent = new ArrayList<>();
    peers.forEach(
        (writer, peer) -> {
          if (nowNanos - peer.receivedAtNanos > leaseNanos) {
            silent.add(writer);
          }
        });
    silent.forEach(this::forget);
    updateTouched(); // a batch may be under way: it goes on
  }

  private void forget(long writer) {
    Peer gone = peers.remove(writer);
    if (gone != null) {
      clear(gone);
      claims.forget(writer);
      queues.forget(writer);
    }
  }

  /** An endpoint joined: what peers sent about it counts now. */
  public synchronized void joined(EndpointId endpoint) {
    claims.joined(endpoint);
    peers.values().forEach(peer -> touched.addAll(peer.work.keySet()));
    updateTouched();
  }

  private void updateLedger(Account account) {
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

  /**
   * The peers that are alive, at most {@value #MAX_SHOWN} of them, with their requests in flight as
   * the ledger that counts most has them.
   */
  public synchronized List<ReplicaPeer> shown(long nowNanos) {
    return peers.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .limit(MAX_SHOWN)
        .map(
            peer ->
                new ReplicaPeer(
                    peer.getKey(),
                    Math.max(0, nowNanos - peer.getValue().receivedAtNanos),
                    peer.getValue().isReady,
                    peer.getValue().inFlight()))
        .toList();
  }

  /** Peers that are alive. */
  public synchronized int count() {
    return peers.size();
  }

  /** Whether no peer that has caught up has a lower number. */
  synchronized boolean isLowestReady(long writer) {
    for (Map.Entry<Long, Peer> peer : peers.entrySet()) {
      if (peer.getValue().isReady && peer.getKey() < writer) {
        return false;
      }
    }
    return true;
  }

  /** Whether a peer is alive that has caught up. */
  synchronized boolean hasReadyPeer() {
    return peers.values().stream().anyMatch(peer -> peer.isReady);
  }

  synchronized boolean isAlive(long writer) {
    return peers.containsKey(writer);
  }
}
