package ai.llmd.epp.adapter.tokenizers.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PartCacheTest {

  @Test
  void keepsTheLatestPartsWithinItsBound() {
    PartCache cache = new PartCache(64_000, 5);
    for (int i = 0; i < 10_000; i++) {
      cache.put(cache.key("part " + i), new int[10]);
      assertThat(cache.bytes()).isLessThanOrEqualTo(64_000);
    }
    assertThat(cache.bytes()).isGreaterThan(50_000);
    assertThat(cache.get(cache.key("part 9999"))).hasSize(10);
    assertThat(cache.get(cache.key("part 0"))).isNull();
  }

  @Test
  void keepsNoPartThatWouldTakeItAll() {
    PartCache cache = new PartCache(64_000, 5);
    PartCache.Key key = cache.key("long");
    cache.put(key, new int[1_000]);
    assertThat(cache.get(key)).isNull();
    assertThat(cache.bytes()).isZero();
  }

  @Test
  void replacesAPart() {
    PartCache cache = new PartCache(64_000, 5);
    PartCache.Key key = cache.key("part");
    cache.put(key, new int[] {1});
    long bytes = cache.bytes();
    cache.put(key, new int[] {2});
    assertThat(cache.get(key)).containsExactly(2);
    assertThat(cache.bytes()).isEqualTo(bytes);
  }
}
