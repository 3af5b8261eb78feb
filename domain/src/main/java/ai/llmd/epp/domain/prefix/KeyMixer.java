package ai.llmd.epp.domain.prefix;

import java.security.SecureRandom;

/**
 * Turns block hashes into the keys under which an index keeps them, one to one and back.
 *
 * <p>The hash of a prompt's block is known to whoever wrote the prompt, and the bits of a key
 * choose its table and cell: without a factor that is drawn in the process, prompts could be made
 * whose blocks all want the same few cells. Hashes themselves stay as they are, so that all
 * replicas mean the same by them.
 *
 * @param factor odd
 * @param inverse of the factor, modulo 2^64
 */
record KeyMixer(long factor, long inverse) {

  /**
   * @param seed any number
   */
  static KeyMixer of(long seed) {
    long factor = seed | 1;
    long inverse = factor; // right in its lowest 3 bits; each of Newton's steps doubles them
    for (int bits = 3; bits < Long.SIZE; bits *= 2) {
      inverse *= 2 - factor * inverse;
    }
    return new KeyMixer(factor, inverse);
  }

  static KeyMixer random() {
    return of(new SecureRandom().nextLong());
  }

  /**
   * Never zero, which marks an empty cell: the one hash in 2^64 that is zero borrows another's
   * name. The upper half of the product, which every bit below has a part in, is folded into the
   * lower.
   */
  long key(long hash) {
    long product = (hash == 0 ? 1 : hash) * factor;
    return product ^ (product >>> 32);
  }

  long hash(long key) {
    return (key ^ (key >>> 32)) * inverse;
  }
}
