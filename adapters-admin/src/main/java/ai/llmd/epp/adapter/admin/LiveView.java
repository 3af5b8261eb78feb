package ai.llmd.epp.adapter.admin;

import ai.llmd.epp.application.port.out.ReplicaPeer;
import ai.llmd.epp.application.port.out.ReplicationFigures;
import ai.llmd.epp.application.port.out.ReplicationObserver;
import ai.llmd.epp.domain.health.EndpointHealth;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the live page shows beside decisions. Asked only while it is watched; any thread, and each
 * call may take its time.
 */
public interface LiveView {

  /** The pool as it is seen now. */
  Pool pool();

  /** The program, its store and its configuration now. */
  Status status();

  /** The configuration in force as YAML with every default; holds no secret. */
  String configuration();

  /**
   * A pool.
   *
   * @param staleAfterNanos values that are older are not used; {@link Long#MAX_VALUE} where any is
   * @param nowNanos on the clock of the loads
   */
  record Pool(String name, List<Member> members, long staleAfterNanos, long nowNanos) {

    public Pool {
      members = List.copyOf(members);
    }
  }

  /**
   * An endpoint.
   *
   * @param isStarting whether it gets its share step by step
   * @param cachedBlocks prompt blocks that it is taken to hold, over all producers
   * @param inFlight requests of this replica that it has not finished
   * @param inFlightElsewhere those of other replicas
   */
  record Member(
      Endpoint endpoint,
      EndpointLoad load,
      EndpointHealth.State health,
      boolean isStarting,
      long cachedBlocks,
      long inFlight,
      long inFlightElsewhere) {}

  /**
   * The program.
   *
   * @param version of the build
   * @param startedAtMillis since 1970; another number is another start
   * @param notReadyBecause empty when ready
   * @param waitingRequests that wait for their decision
   * @param bufferedBytes of bodies
   * @param store null where nothing is shared
   */
  record Status(
      String version,
      String commit,
      long startedAtMillis,
      String notReadyBecause,
      int waitingRequests,
      long bufferedBytes,
      State state,
      @Nullable Store store,
      Configuration configuration) {}

  /**
   * What is remembered.
   *
   * @param prefixBlocks distinct ones
   * @param prefixBytes memory of the prefix indexes, in bytes
   */
  record State(long prefixBlocks, long prefixBytes, long sessions) {}

  /**
   * What replicas share through.
   *
   * @param type as in the configuration
   * @param replica by which peers know this one
   */
  record Store(
      String type,
      long replica,
      ReplicationObserver.Status status,
      ReplicationFigures figures,
      List<ReplicaPeer> peers) {

    public Store {
      peers = List.copyOf(peers);
    }
  }

  /**
   * What is in force, and how it came about.
   *
   * @param file empty where it came as a text, or is the built-in one
   * @param changes the latest first, a few
   */
  record Configuration(
      String file,
      int plugins,
      List<Profile> profiles,
      List<String> warnings,
      List<Change> changes) {

    public Configuration {
      profiles = List.copyOf(profiles);
      warnings = List.copyOf(warnings);
      changes = List.copyOf(changes);
    }
  }

  /** A scorer of a profile, by its name. */
  record Scorer(String name, double weight) {}

  /** A scheduling profile by the names of its plugins. */
  record Profile(String name, List<String> filters, List<Scorer> scorers, String picker) {

    public Profile {
      filters = List.copyOf(filters);
      scorers = List.copyOf(scorers);
    }
  }

  /**
   * A change of the configuration that was applied or refused.
   *
   * @param detail what became of the plugins, or why it was refused
   */
  record Change(long atMillis, boolean isApplied, String detail) {}
}
