package ai.llmd.epp.adapter.state.hazelcast;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What the structures of one pool are called; the version is of what is written in them.
 *
 * @param pool namespace and name
 */
record HazelcastNames(String pool) {

  private static final int HASH_BYTES = 16;

  static HazelcastNames of(String namespace, String pool) {
    return new HazelcastNames(namespace + '/' + pool);
  }

  /** Replicas of another pool are not let in, nor who does not know the secret, if there is one. */
  String cluster(HazelcastSettings settings) {
    String name = settings.clusterName().isEmpty() ? "epp/" + pool : settings.clusterName();
    return settings.clusterSecret().isEmpty() ? name : name + '/' + hash(settings.clusterSecret());
  }

  /** What names a cluster is in logs, which the secret must not be. */
  private static String hash(String secret) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  String log() {
    return "epp:" + pool + ":v1:log";
  }

  String snapshot() {
    return "epp:" + pool + ":v1:snapshot";
  }
}
