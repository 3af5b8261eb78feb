package ai.llmd.epp.cli.doctor;

/** What built-in scorers look at, by their types. */
enum Quantities {
  QUEUE,
  KV_CACHE,
  WORK,
  PREFIX,
  SESSION,
  OTHER_AFFINITY,
  OTHER;

  /** What the scorers of a type look at; {@link #OTHER} for plugins from jars, and some others. */
  static Quantities of(String type) {
    return switch (type) {
      case "queue-scorer", "multicluster-queue-scorer", "load-aware-scorer" -> QUEUE;
      case "kv-cache-utilization-scorer", "multicluster-kv-cache-utilization-scorer" -> KV_CACHE;
      case "running-requests-size-scorer", "active-request-scorer", "token-load-scorer" -> WORK;
      case "prefix-cache-scorer",
          "precise-prefix-cache-scorer",
          "multicluster-prefix-cache-scorer" ->
          PREFIX;
      case "session-affinity-scorer" -> SESSION;
      case "lora-affinity-scorer",
          "header-label-affinity-scorer",
          "topology-affinity-scorer",
          "mm-embeddings-cache-scorer" ->
          OTHER_AFFINITY;
      default -> OTHER;
    };
  }

  /** Whether it draws requests to where others like them went, whatever the load there. */
  boolean isAffinity() {
    return this == PREFIX || this == SESSION || this == OTHER_AFFINITY;
  }

  /** In a sentence. */
  String words() {
    return switch (this) {
      case QUEUE -> "the queue";
      case KV_CACHE -> "KV-cache use";
      case WORK -> "work in flight";
      case PREFIX -> "cached prefixes";
      case SESSION -> "sessions";
      case OTHER_AFFINITY, OTHER -> "the same thing";
    };
  }
}
