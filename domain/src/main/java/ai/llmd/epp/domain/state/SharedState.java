package ai.llmd.epp.domain.state;

import ai.llmd.epp.domain.latency.LearnedLatencies;
import ai.llmd.epp.domain.latency.SharedObservations;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a replica learns and others may want to know, by the name of the plugin that owns
 * it. Requests read and write only this; it never waits for a network.
 */
public final class SharedState {

  /** Stands for the answers that model servers keep, where plugins have their names. */
  private static final String STORED_ANSWERS = "(stored answers)";

  private final Budget budget;
  private final Sharing sharing;

  /** Numbers what is observed here, over all configurations. */
  private final AtomicLong observations;

  /** The structures in force; a staged successor has its own. */
  private final AtomicReference<Structures> inForce;

  /** The structures of a successor that is not in force yet; null once it is. */
  private volatile @Nullable Structures ownYet;

  private record Structures(
      Map<String, PrefixCacheIndex> prefixIndexes,
      Map<String, LoadLedger> ledgers,
      Map<String, SessionDirectory> sessions,
      Map<String, LearnedLatencies> latencies,
      Map<String, EngineCaches> engineCaches) {

    Structures() {
      this(
          new ConcurrentHashMap<>(),
          new ConcurrentHashMap<>(),
          new ConcurrentHashMap<>(),
          new ConcurrentHashMap<>(),
          new ConcurrentHashMap<>());
    }

    void adopt(String plugin, Structures from) {
      adopt(plugin, from.prefixIndexes, prefixIndexes);
      adopt(plugin, from.ledgers, ledgers);
      adopt(plugin, from.sessions, sessions);
      adopt(plugin, from.latencies, latencies);
      adopt(plugin, from.engineCaches, engineCaches);
    }

    private static <S> void adopt(String plugin, Map<String, S> from, Map<String, S> to) {
      S learned = from.get(plugin);
      if (learned != null) {
        to.put(plugin, learned);
      }
    }
  }

  /**
   * How much may be remembered.
   *
   * @param prefixIndexBytes hard bound for one producer's index, in bytes
   * @param sessions bound for one plugin's sessions
   */
  public record Budget(long prefixIndexBytes, int sessions) {

    /** 256 MiB hold about seven million blocks; a million sessions are some 150 MB. */
    public static final Budget DEFAULT = new Budget(256L << 20, 1 << 20);

    private static final int PREFIX_INDEX_PERCENT = 21;
    private static final long HEAP_PER_SESSION = 1 << 10;

    /**
     * The default for a heap: of a small one 21 hundredths for a prefix index, and a session for
     * each KiB, so that they fit beside bodies and decisions; from 1.2 GiB on {@link #DEFAULT}.
     */
    public static Budget ofHeap(long heapBytes) {
      long prefixIndexBytes = heapBytes / 100 * PREFIX_INDEX_PERCENT;
      return new Budget(
          Math.clamp(prefixIndexBytes, 1L << 20, DEFAULT.prefixIndexBytes),
          Math.clamp(heapBytes / HEAP_PER_SESSION, 1, DEFAULT.sessions));
    }

    public Budget {
      if (prefixIndexBytes < 1 << 20) {
        throw new IllegalArgumentException(
            "prefixIndexBytes must be 1 MiB or more, was " + prefixIndexBytes);
      }
      if (sessions < 1) {
        throw new IllegalArgumentException("sessions must be 1 or more, was " + sessions);
      }
    }
  }

  /** A state that is not shared with other replicas. */
  public SharedState(Budget budget) {
    this(budget, Sharing.NONE);
  }

  public SharedState(Budget budget, Sharing sharing) {
    this(budget, sharing, new AtomicLong(), new AtomicReference<>(new Structures()), null);
    storedAnswers(); // is there for what peers bind before the first is bound here
  }

  private SharedState(
      Budget budget,
      Sharing sharing,
      AtomicLong observations,
      AtomicReference<Structures> inForce,
      @Nullable Structures ownYet) {
    this.budget = budget;
    this.sharing = sharing;
    this.observations = observations;
    this.inForce = inForce;
    this.ownYet = ownYet;
  }

  /**
   * An empty one with the same bounds, for the plugins of a configuration that is to take the place
   * of the one in force. It is not visible elsewhere before it {@linkplain #takeEffect takes
   * effect}.
   */
  public SharedState successor() {
    return new SharedState(budget, sharing, observations, inForce, new Structures());
  }

  /**
   * Puts a successor in force: structures looked up from now on are its own, also through the
   * states before it: a plugin that stays finds the structures of one that was built anew.
   *
   * @param kept names of the plugins that stay, with what they have learned; one that has learned
   *     nothing is no mistake
   */
  public void takeEffect(Collection<String> kept) {
    Structures own = ownYet;
    if (own != null) {
      Structures before = inForce.get();
      kept.forEach(plugin -> own.adopt(plugin, before));
      own.adopt(STORED_ANSWERS, before);
      inForce.set(own);
      ownYet = null;
    }
  }

  private Structures structures() {
    Structures own = ownYet;
    return own == null ? inForce.get() : own;
  }

  /** The prefix index of a producer instance. */
  public PrefixCacheIndex prefixIndex(String producer) {
    return structures()
        .prefixIndexes
        .computeIfAbsent(producer, name -> new PrefixCacheIndex(budget.prefixIndexBytes()));
  }

  /** The work in flight as a producer instance counts it. */
  public LoadLedger ledger(String producer) {
    return structures()
        .ledgers
        .computeIfAbsent(producer, name -> new LoadLedger(sharing.loadChanged()));
  }

  /** The session bindings of a plugin instance. */
  public SessionDirectory sessions(String plugin) {
    return structures()
        .sessions
        .computeIfAbsent(plugin, name -> new SessionDirectory(name, budget.sessions(), sharing));
  }

  /**
   * Which endpoints keep which answers, by the answers' ids. Whatever is configured, it is the same
   * one; to be looked up for each use.
   */
  public SessionDirectory storedAnswers() {
    return sessions(STORED_ANSWERS);
  }

  /**
   * The times of requests as a producer instance learns them.
   *
   * @param isStreamed whether answers are streamed
   */
  public LearnedLatencies latencies(String producer, boolean isStreamed) {
    return structures()
        .latencies
        .computeIfAbsent(
            producer,
            name ->
                new LearnedLatencies(
                    isStreamed,
                    new SharedObservations(
                        name,
                        sharing.writer(),
                        observations::incrementAndGet,
                        sharing.observations())));
  }

  /** The learned times that there are, by producer instance. Any thread. */
  public Map<String, LearnedLatencies> latencies() {
    return Collections.unmodifiableMap(structures().latencies);
  }

  /** What a plugin instance knows of engines' caches is shared from now on. */
  public void share(String plugin, EngineCaches caches) {
    structures().engineCaches.put(plugin, caches);
  }

  /** What is shared of engines' caches, by plugin instance. Any thread. */
  public Map<String, EngineCaches> engineCaches() {
    return Collections.unmodifiableMap(structures().engineCaches);
  }

  /** Keys the hashes of prompt blocks; 0 for none. */
  public long hashSecret() {
    return sharing.hashSecret();
  }

  /** The prefix indexes that there are, by producer instance. Any thread. */
  public Map<String, PrefixCacheIndex> prefixIndexes() {
    return Collections.unmodifiableMap(structures().prefixIndexes);
  }

  /** The ledgers that there are, by producer instance. Any thread. */
  public Map<String, LoadLedger> ledgers() {
    return Collections.unmodifiableMap(structures().ledgers);
  }

  /**
   * Requests that the other replicas have in flight on an endpoint, as the ledgers have it that are
   * shared; 0 when none is. Any thread.
   */
  public long peerRequests(EndpointState endpoint) {
    long most = 0;
    for (LoadLedger ledger : structures().ledgers.values()) {
      if (ledger.isShared()) {
        most = Math.max(most, ledger.peerRequests(endpoint.slot(), endpoint.incarnation()));
      }
    }
    return most;
  }

  /** The session directories that there are, by plugin instance. Any thread. */
  public Map<String, SessionDirectory> sessionDirectories() {
    return Collections.unmodifiableMap(structures().sessions);
  }

  /** Distinct prefix blocks remembered, over all producers. Any thread. */
  public long prefixBlocks() {
    return structures().prefixIndexes.values().stream().mapToLong(PrefixCacheIndex::entries).sum();
  }

  /** Bytes that the prefix indexes use, over all producers. Any thread. */
  public long prefixBytes() {
    return structures().prefixIndexes.values().stream().mapToLong(PrefixCacheIndex::bytes).sum();
  }

  /** Sessions that are bound, over all plugins. Any thread. */
  public long boundSessions() {
    return structures().sessions.values().stream().mapToLong(SessionDirectory::size).sum();
  }
}
