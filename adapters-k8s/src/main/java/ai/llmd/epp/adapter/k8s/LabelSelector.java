package ai.llmd.epp.adapter.k8s;

import java.util.List;
import java.util.Map;

/**
 * Which pods are meant, by their labels; every term must hold, and no term means every pod.
 *
 * @param terms in the order in which they were written
 */
public record LabelSelector(List<Term> terms) {

  /** A condition on one label. */
  public sealed interface Term {

    boolean holdsFor(Map<String, String> labels);
  }

  /** The label is there and has one of these values: {@code key=a}, {@code key in (a,b)}. */
  public record In(String key, List<String> values) implements Term {

    public In {
      values = List.copyOf(values);
    }

    @Override
    public boolean holdsFor(Map<String, String> labels) {
      String value = labels.get(key);
      return value != null && values.contains(value);
    }
  }

  /** The label is absent or has none of these: {@code key!=a}, {@code key notin (a,b)}. */
  public record NotIn(String key, List<String> values) implements Term {

    public NotIn {
      values = List.copyOf(values);
    }

    @Override
    public boolean holdsFor(Map<String, String> labels) {
      String value = labels.get(key);
      return value == null || !values.contains(value);
    }
  }

  /** The label is there, {@code key}, or is not, {@code !key}. */
  public record Exists(String key, boolean isWanted) implements Term {

    @Override
    public boolean holdsFor(Map<String, String> labels) {
      return labels.containsKey(key) == isWanted;
    }
  }

  /** The label is a number above or below a bound: {@code key>5}, {@code key<5}. */
  public record Compared(String key, boolean isAbove, long bound) implements Term {

    @Override
    public boolean holdsFor(Map<String, String> labels) {
      String value = labels.get(key);
      try {
        return value != null
            && (isAbove ? Long.parseLong(value) > bound : Long.parseLong(value) < bound);
      } catch (NumberFormatException e) {
        return false;
      }
    }
  }

  public LabelSelector {
    terms = List.copyOf(terms);
  }

  /** Labels that must have exactly these values. */
  static LabelSelector matching(Map<String, String> labels) {
    return new LabelSelector(
        labels.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .<Term>map(label -> new In(label.getKey(), List.of(label.getValue())))
            .toList());
  }

  /**
   * Reads Kubernetes' text form: {@code app=vllm,tier!=test,zone in (a,b),gpu,!spot}.
   *
   * @throws IllegalArgumentException with the position of what is wrong
   */
  public static LabelSelector parse(String text) {
    return new LabelSelector(new SelectorText(text).terms());
  }

  /** Whether a pod with these labels is meant. */
  public boolean matches(Map<String, String> labels) {
    for (Term term : terms) {
      if (!term.holdsFor(labels)) {
        return false;
      }
    }
    return true;
  }
}
