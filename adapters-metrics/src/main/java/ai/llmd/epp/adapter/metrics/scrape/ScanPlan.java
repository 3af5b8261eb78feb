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
 * In OpenMetrics the sample of a counter {@code f} is called {@code f_total} and that of an info
 * {@code f_info}; either name may be the wanted one.
 */
final class ScanPlan {

  /** Eight bytes at an index, the first of them lowest. */
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  static final int NONE = -1;

  private static final List<String> SUFFIXES =
      List.of("_bucket", "_sum", "_count", "_total", "_info");

  final List<WantedSeries> wanted;

  /** Required label names and values of each wanted series: name, value, name, value … */
  final byte[][][] requiredLabels;

  /** Captured label names of each wanted series. */
  final byte[][][] capturedLabels;

  /** Number of families followed. */
  final int families;

  /** The wanted series of each family; empty for one that is followed for its type only. */
  final int[][] wantedOfFamily;

  /** The family of each wanted series. */
  final int[] familyOfWanted;

  /**
   * By family, the followed one whose name has {@code _total} more: what OpenMetrics calls the
   * samples of a counter; {@link #NONE} where there is none.
   */
  final int[] familyOfTotal;

  /** The same for {@code _info}, the samples of an info. */
  final int[] familyOfInfo;

  private final long[] headMask;
  private final long[] head;
  private final byte[][] names;
  private final int[] ownFamily;
  private final int[] baseFamily;
  private final boolean[] isBucketName;
  private final boolean[] isTotalName;
  private final boolean[] isInfoName;

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
    familyOfTotal = partsWith("_total", followed);
    familyOfInfo = partsWith("_info", followed);

    Map<String, Integer> familyOfPart = familyOfPart(followed);
    Set<String> allNames = new LinkedHashSet<>(followed.keySet());
    allNames.addAll(familyOfPart.keySet());
    names = allNames.stream().map(ScanPlan::bytes).toArray(byte[][]::new);
    ownFamily = allNames.stream().mapToInt(n -> followed.getOrDefault(n, NONE)).toArray();
    baseFamily = allNames.stream().mapToInt(n -> familyOfPart.getOrDefault(n, NONE)).toArray();
    isBucketName = endsWith("_bucket", allNames);
    isTotalName = endsWith("_total", allNames);
    isInfoName = endsWith("_info", allNames);
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

  /** By family, the followed family of its name with a suffix. */
  private static int[] partsWith(String suffix, Map<String, Integer> followed) {
    return followed.keySet().stream()
        .mapToInt(name -> followed.getOrDefault(name + suffix, NONE))
        .toArray();
  }

  private static boolean[] endsWith(String suffix, Set<String> names) {
    boolean[] ends = new boolean[names.size()];
    int i = 0;
    for (String name : names) {
      ends[i++] = name.endsWith(suffix);
    }
    return ends;
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

  /** Whether the name could be the sample of a counter, as OpenMetrics calls it. */
  boolean isTotal(int name) {
    return isTotalName[name];
  }

  /** Whether the name could be the sample of an info, as OpenMetrics calls it. */
  boolean isInfo(int name) {
    return isInfoName[name];
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
