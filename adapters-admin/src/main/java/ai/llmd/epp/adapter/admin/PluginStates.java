package ai.llmd.epp.adapter.admin;

import java.util.List;

/** What plugins remember, for the reference's page of it. Any thread. */
@FunctionalInterface
public interface PluginStates {

  /** Every plugin that is in force. */
  List<PluginState> now();

  /**
   * A plugin.
   *
   * @param name of the instance
   */
  record PluginState(String name, String type, Memory memory) {}

  /** What a plugin remembers of endpoints; nothing of requests. */
  sealed interface Memory {}

  /** It shows nothing. */
  record Untold() implements Memory {}

  /** Blocks of prompts that endpoints are taken to hold. */
  record HeldBlocks(List<Held> endpoints) implements Memory {

    public HeldBlocks {
      endpoints = List.copyOf(endpoints);
    }
  }

  /**
   * Those of one endpoint.
   *
   * @param endpoint namespace and name
   */
  record Held(String endpoint, long blocks) {}

  /** Work that endpoints have not finished. */
  record InFlight(List<Load> endpoints) implements Memory {

    public InFlight {
      endpoints = List.copyOf(endpoints);
    }
  }

  /**
   * That of one endpoint.
   *
   * @param endpoint namespace and name
   * @param tokens as estimated
   */
  record Load(String endpoint, long requests, long tokens) {}

  /**
   * What endpoints are taken to have in their encoder caches.
   *
   * @param known endpoints of the pool
   * @param endpoints those that hold any, with how many items
   */
  record HeldItems(List<String> known, List<Held> endpoints) implements Memory {

    public HeldItems {
      known = List.copyOf(known);
      endpoints = List.copyOf(endpoints);
    }
  }

  /** Endpoints by their last pick, the one that is the longest ago first. */
  record PickOrder(List<String> endpoints) implements Memory {

    public PickOrder {
      endpoints = List.copyOf(endpoints);
    }
  }

  /** Requests whose times were predicted, while they run. */
  record Running(List<RunningOn> endpoints) implements Memory {

    public Running {
      endpoints = List.copyOf(endpoints);
    }
  }

  /**
   * Those of one endpoint.
   *
   * @param endpoint namespace and name
   * @param leastTpotMillis the strictest objective for further tokens, in milliseconds; 0 when a
   *     request has none
   */
  record RunningOn(String endpoint, long requests, double leastTpotMillis) {}

  /**
   * Whose cache events are followed, and what is expected of them.
   *
   * @param subscribers namespace and name of each endpoint that is listened to, {@code
   *     local-subscriber} where endpoints connect by themselves
   * @param isSpeculative whether a prompt counts as held once it is sent
   * @param expectations prompts that were sent and that count so now
   * @param disagreements of endpoints whose reports differ from what was predicted
   */
  record CacheEvents(
      List<String> subscribers,
      boolean isSpeculative,
      long expectations,
      int blockTokens,
      List<Disagreement> disagreements)
      implements Memory {

    public CacheEvents {
      subscribers = List.copyOf(subscribers);
      disagreements = List.copyOf(disagreements);
    }
  }

  /**
   * Between what was predicted of an endpoint's cache and what it reports.
   *
   * @param endpoint namespace and name
   * @param cause that is likely, in the words of the metric; {@code none} where none is known
   * @param isFollowed whether predictions are followed all the same
   * @param agreed responses that were as predicted
   * @param disagreed responses that were not
   */
  record Disagreement(
      String endpoint, String cause, boolean isFollowed, long agreed, long disagreed) {}

  /**
   * Programs whose requests are treated fairly, without their names, which clients choose.
   *
   * @param fairnessIndex 1 when all wait alike
   */
  record Programs(long programs, long inFlight, double fairnessIndex) implements Memory {}
}
