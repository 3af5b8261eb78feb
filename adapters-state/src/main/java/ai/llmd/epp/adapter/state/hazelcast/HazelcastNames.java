package ai.llmd.epp.adapter.state.hazelcast;

/**
 * What the structures of one pool are called; the version is of what is written in them.
 *
 * @param pool namespace and name
 */
record HazelcastNames(String pool) {

  static HazelcastNames of(String namespace, String pool) {
    return new HazelcastNames(namespace + '/' + pool);
  }

  /** Replicas of another pool are not let in. */
  String cluster(HazelcastSettings settings) {
    return settings.clusterName().isEmpty() ? "epp/" + pool : settings.clusterName();
  }

  String log() {
    return "epp:" + pool + ":v1:log";
  }

  String snapshot() {
    return "epp:" + pool + ":v1:snapshot";
  }
}
