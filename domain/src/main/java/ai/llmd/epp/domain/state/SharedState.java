package ai.llmd.epp.domain.state;

import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.domain.session.SessionDirectory;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Everything that a replica learns and others may want to know, by the name of the plugin that owns
 * it. Requests read and write only this; it never waits for a network.
 */
public final class SharedState {

  private final Budget budget;
  private final Map<String, PrefixCacheIndex> prefixIndexes = new ConcurrentHashMap<>();
  private final Map<String, LoadLedger> ledgers = new ConcurrentHashMap<>();
  private final Map<String, SessionDirectory> sessions = new ConcurrentHashMap<>();

  /**
   * How much may be remembered.
   *
   * @param prefixIndexBytes hard bound for one producer's index, in bytes
   * @param sessions bound for one plugin's sessions
   */
  public record Budget(long prefixIndexBytes, int sessions) {

    /** 256 MiB hold about seven million blocks; a million sessions are some 150 MB. */
    public static final Budget DEFAULT = new Budget(256L << 20, 1 << 20);

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

  public SharedState(Budget budget) {
    this.budget = budget;
  }

  /** An empty one with the same bounds, for plugins that are to take the place of these. */
  public SharedState successor() {
    return new SharedState(budget);
  }

  /**
   * Takes over what a plugin has learned that stays. Both then share its structures.
   *
   * @param plugin instance name; one that has learned nothing is no mistake
   * @param from where the plugin was built
   */
  public void adopt(String plugin, SharedState from) {
    adopt(plugin, from.prefixIndexes, prefixIndexes);
    adopt(plugin, from.ledgers, ledgers);
    adopt(plugin, from.sessions, sessions);
  }

  private static <S> void adopt(String plugin, Map<String, S> from, Map<String, S> to) {
    S learned = from.get(plugin);
    if (learned != null) {
      to.put(plugin, learned);
    }
  }

  /** The prefix index of a producer instance. */
  public PrefixCacheIndex prefixIndex(String producer) {
    return prefixIndexes.computeIfAbsent(
        producer, name -> new PrefixCacheIndex(budget.prefixIndexBytes()));
  }

  /** The work in flight as a producer instance counts it. */
  public LoadLedger ledger(String producer) {
    return ledgers.computeIfAbsent(producer, name -> new LoadLedger());
  }

  /** The session bindings of a plugin instance. */
  public SessionDirectory sessions(String plugin) {
    return sessions.computeIfAbsent(plugin, name -> new SessionDirectory(budget.sessions()));
  }

  /** Distinct prefix blocks remembered, over all producers. Any thread. */
  public long prefixBlocks() {
    return prefixIndexes.values().stream().mapToLong(PrefixCacheIndex::entries).sum();
  }

  /** Bytes that the prefix indexes use, over all producers. Any thread. */
  public long prefixBytes() {
    return prefixIndexes.values().stream().mapToLong(PrefixCacheIndex::bytes).sum();
  }

  /** Sessions that are bound, over all plugins. Any thread. */
  public long boundSessions() {
    return sessions.values().stream().mapToLong(SessionDirectory::size).sum();
  }
}
