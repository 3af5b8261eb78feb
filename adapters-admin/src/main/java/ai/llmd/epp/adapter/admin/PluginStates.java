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
}
