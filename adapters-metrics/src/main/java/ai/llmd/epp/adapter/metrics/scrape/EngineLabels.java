package ai.llmd.epp.adapter.metrics.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Labels by which the engines behind one metrics page differ: data-parallel ranks of vLLM and
 * SGLang, replicas. Ranks that share one engine's work (tensor, pipeline and expert parallelism)
 * are not among them: what they report are copies.
 */
final class EngineLabels {

  /** The identity of a series without such a label. */
  static final long NONE = 0;

  private static final byte[][] NAMES =
      Stream.of(
              "engine",
              "engine_index",
              "engine_idx",
              "engine_id",
              "engine_rank",
              "dp_rank",
              "dp_index",
              "dp_idx",
              "dp_id",
              "dp_engine",
              "data_parallel_rank",
              "data_parallel_index",
              "data_parallel_id",
              "replica",
              "replica_id",
              "ReplicaId")
          .map(name -> name.getBytes(UTF_8))
          .toArray(byte[][]::new);

  private static final long FNV_BASIS = 0xCBF29CE484222325L;
  private static final long FNV_PRIME = 0x100000001B3L;

  private EngineLabels() {}

  /** The place of a label among those that tell engines apart, or -1. */
  static int indexOf(byte[] bytes, int from, int to) {
    for (int i = 0; i < NAMES.length; i++) {
      if (Arrays.equals(NAMES[i], 0, NAMES[i].length, bytes, from, to)) {
        return i;
      }
    }
    return -1;
  }

  /**
   * What one label adds to an engine's identity, the sum over its labels in any order: a hash
   * (FNV-1a of 64 bits), never {@link #NONE}.
   */
  static long identity(int label, byte[] bytes, int from, int to) {
    long hash = (FNV_BASIS ^ (label + 1)) * FNV_PRIME;
    for (int i = from; i < to; i++) {
      hash = (hash ^ (bytes[i] & 0xFF)) * FNV_PRIME;
    }
    return hash == NONE ? 1 : hash;
  }
}
