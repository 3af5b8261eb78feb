package ai.llmd.epp.domain.kvcache;

/** How the keys of prefix blocks are computed; all replicas that share an index use the same. */
public enum HashAlgorithm {
  /** FNV-1a with 64 bits over canonical CBOR (RFC 7049, 3.9). */
  CBOR_FNV("cbor-fnv"),

  /** XXH64, seed 0, over little-endian numbers. */
  XXH64("xxh64");

  private final String configName;

  HashAlgorithm(String configName) {
    this.configName = configName;
  }

  /** The name in the configuration, in exactly these letters. */
  public String configName() {
    return configName;
  }

  /**
   * The algorithm of a configuration; an empty name is the default, {@link #CBOR_FNV}.
   *
   * @throws IllegalArgumentException for any other name
   */
  public static HashAlgorithm named(String name) {
    if (name.isEmpty()) {
      return CBOR_FNV;
    }
    for (HashAlgorithm algorithm : values()) {
      if (algorithm.configName.equals(name)) {
        return algorithm;
      }
    }
    throw new IllegalArgumentException("must be cbor-fnv or xxh64, was " + name);
  }
}
