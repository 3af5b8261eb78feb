package ai.llmd.epp.adapter.state.redis;

import java.util.UUID;

/**
 * The keys of one pool. The braces hold what Redis Cluster hashes, so that all of them lie in one
 * slot; the version is of what is written, so that releases that write differently do not meet.
 *
 * @param prefix of all keys
 */
record RedisKeys(String prefix) {

  static RedisKeys of(String namespace, String pool) {
    return new RedisKeys("epp:{" + namespace + '/' + pool + "}:v1:");
  }

  /** The stream. */
  String log() {
    return prefix + "log";
  }

  /** How many entries were ever appended. */
  String count() {
    return prefix + "count";
  }

  /** Which snapshot is in place. */
  String snapshot() {
    return prefix + "snapshot";
  }

  /** The chunks of one snapshot. */
  String chunks(String id) {
    return snapshot() + ':' + id;
  }

  static String newId() {
    return UUID.randomUUID().toString();
  }
}
