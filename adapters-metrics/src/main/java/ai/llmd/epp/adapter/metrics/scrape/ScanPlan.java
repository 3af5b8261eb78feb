package ai.llmd.epp.adapter.metrics.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a scanner looks for, compiled to arrays. Immutable and shared by all endpoints of an engine.
 *
 * <p>A line is first held against the <i>heads</i>: the first eight bytes of every name that
 * matters, duplicates removed. Almost every line of a page is dismissed there, with one load and a
 * few comparisons. The rest is looked up among the names.
 *
 * <p>A sample called {@code f_sum}, {@code f_count} or {@code f_bucket} belongs to the family
 * {@code f} when that is a summary or histogram, and to a family of its own name otherwise. So the
 * families followed are the wanted ones and those of which a wanted one may turn out to be a part.
 */
final class ScanPlan {

  /** Eight bytes at an index, the first of them lowest. */
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  static final int NONE = -1;

  private static final List<String> SUFFIXES = List.of("_bucket", "_sum", "_count");

  final List<WantedSeries> wanted;

  /** Required label names and values of each wanted series: name, value, name, value … */
  final byte[][][] requiredLabels;

  /** Captured label names of each wanted series. */
  final byte[][][] capturedLabels;

  /** Where the captured labels of each wanted series begin among all captured labels. */
  final int[] firstCapture;

  final int captures;

  /** Number of families followed. */
  final int families;

  /** The wanted series of each family; empty for one that is followed for its type only. */
  final int[][] wantedOfFamily;

  /** The family of each wanted series. */
  final int[] familyOfWanted;

  private final long[] headMask;
  private final long[] head;
  private final byte[][] names;
  private final int[] ownFamily;
  private final int[] baseFamily;
  private final boolean[] isBucketName;

  private ScanPlan(List<WantedSeries> wanted) {
    this.wanted = List.copyOf(wanted);
    Map<String, Integer> followed = followedFamilies(wanted);
    families = followed.size();
    familyOfWanted =
        wanted.stream()
            .mapToInt(series -> followed.getOrDefault(series.spec().family(), NONE))
            .toArray();
    wantedOfFamily = wantedOfFamily(familyOfWanted, families);
    requiredLabels = wanted.stream().map(ScanPlan::requiredLabels).toArray(byte[][][]::new);
    capturedLabels = wanted.stream().map(ScanPlan::capturedLabels).toArray(byte[][][]::new);
    firstCapture = firstCaptures(wanted);
    captures = wanted.stream().mapToInt(series -> series.labels().size()).sum();

    Map<String, Integer> familyOfPart = familyOfPart(followed);
    Set<String> allNames = new LinkedHashSet<>(followed.keySet());
    allNames.addAll(familyOfPart.keySet());
    names = allNames.stream().map(ScanPlan::bytes).toArray(byte[][]::new);
    ownFamily = allNames.stream().mapToInt(n -> followed.getOrDefault(n, NONE)).toArray();
    baseFamily = allNames.stream().mapToInt(n -> familyOfPart.getOrDefault(n, NONE)).toArray();
    isBucketName = bucketNames(allNames);
    List<Head> heads = allNames.stream().map(ScanPlan::headOf).distinct().toList();
    headMask = heads.stream().mapToLong(Head::mask).toArray();
    head = heads.stream().mapToLong(Head::value).toArray();
  }

  /** Numbers of the wanted families, then of those of which a wanted one may be a part. */
  private static Map<String, Integer> followedFamilies(List<WantedSeries> wanted) {
    Map<String, Integer> followed = new LinkedHashMap<>();
    for (WantedSeries series : wanted) {
      followed.putIfAbsent(series.spec().family(), followed.size());
    }
    for (String name : List.copyOf(followed.keySet())) {
      for (String suffix : SUFFIXES) {
        if (name.endsWith(suffix) && name.length() > suffix.length()) {
          String base = name.substring(0, name.length() - suffix.length());
          followed.putIfAbsent(base, followed.size());
        }
      }
    }
    return followed;
  }

  /** The family of every name that is a part of a followed family. */
  private static Map<String, Integer> familyOfPart(Map<String, Integer> followed) {
    Map<String, Integer> familyOfPart = new LinkedHashMap<>();
    followed.forEach(
        (name, family) -> SUFFIXES.forEach(suffix -> familyOfPart.put(name + suffix, family)));
    return familyOfPart;
  }

  private static int[][] wantedOfFamily(int[] familyOfWanted, int families) {
    int[][] wantedOfFamily = new int[families][0];
    for (int i = 0; i < familyOfWanted.length; i++) {
      int family = familyOfWanted[i];
      wantedOfFamily[family] = append(wantedOfFamily[family], i);
    }
    return wantedOfFamily;
  }

  private static byte[][] requiredLabels(WantedSeries series) {
    return series.spec().labels().stream()
        .flatMap(label -> Stream.of(label.name(), label.value()))
        .map(ScanPlan::bytes)
        .toArray(byte[][]::new);
  }

  private static byte[][] capturedLabels(WantedSeries series) {
    return series.labels().stream().map(ScanPlan::bytes).toArray(byte[][]::new);
  }

  private static int[] firstCaptures(List<WantedSeries> wanted) {
    int[] first = new int[wanted.size()];
    for (int i = 1; i < first.length; i++) {
      first[i] = first[i - 1] + wanted.get(i - 1).labels().size();
    }
    return first;
  }

  private static boolean[] bucketNames(Set<String> names) {
    boolean[] isBucket = new boolean[names.size()];
    int i = 0;
    for (String name : names) {
      isBucket[i++] = name.endsWith("_bucket");
    }
    return isBucket;
  }

  /** A plan for all these series; results are found under their positions in the list. */
  static ScanPlan of(List<WantedSeries> wanted) {
    return new ScanPlan(wanted);
  }

  /** Whether a name at this place may matter; eight bytes must be readable. */
  boolean mayMatter(byte[] bytes, int from) {
    long word = (long) LONG.get(bytes, from);
    for (int i = 0; i < head.length; i++) {
      if ((word & headMask[i]) == head[i]) {
        return true;
      }
    }
    return false;
  }

  /** The number of the name at this place, or {@link #NONE}. */
  int nameAt(byte[] bytes, int from, int to) {
    for (int i = 0; i < names.length; i++) {
      byte[] name = names[i];
      if (name.length == to - from && Arrays.equals(name, 0, name.length, bytes, from, to)) {
        return i;
      }
    }
    return NONE;
  }

  /** The followed family of exactly this name, or {@link #NONE}. */
  int ownFamily(int name) {
    return ownFamily[name];
  }

  /** The followed family of which this name may be a part, or {@link #NONE}. */
  int baseFamily(int name) {
    return baseFamily[name];
  }

  /** Whether the name could be a bucket of a histogram. */
  boolean isBucket(int name) {
    return isBucketName[name];
  }

  private record Head(long mask, long value) {}

  private static Head headOf(String name) {
    byte[] padded = Arrays.copyOf(bytes(name), Math.max(8, name.length()));
    long mask = name.length() >= 8 ? -1L : (1L << (8 * name.length())) - 1;
    return new Head(mask, (long) LONG.get(padded, 0) & mask);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static int[] append(int[] array, int value) {
    int[] longer = Arrays.copyOf(array, array.length + 1);
    longer[array.length] = value;
    return longer;
  }
}
