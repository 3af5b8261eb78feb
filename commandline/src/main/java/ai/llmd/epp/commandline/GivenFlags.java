package ai.llmd.epp.commandline;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The flags of one command line, typed as in the table. */
public final class GivenFlags {

  private final Map<String, List<Object>> values; // by name; as the flags' readers made them

  GivenFlags(Map<String, List<Object>> values) {
    this.values = Map.copyOf(values);
  }

  public boolean has(Flag<?> flag) {
    return values.containsKey(flag.name());
  }

  /** The last value given, else the flag's initial one. */
  public <T> T get(Flag<T> flag) {
    List<Object> given = values.get(flag.name());
    if (given == null) {
      return flag.initial();
    }
    @SuppressWarnings("unchecked") // the flag's own reader made the value
    T value = (T) given.getLast();
    return value;
  }

  /** The values of a flag that may be repeated, all together, without duplicates. */
  public <E> List<E> getAll(Flag<List<E>> flag) {
    Set<E> all = new LinkedHashSet<>(getEach(flag));
    return new ArrayList<>(all);
  }

  /** The values of a flag that may be repeated, all together, in order. */
  public <E> List<E> getEach(Flag<List<E>> flag) {
    List<Object> given = values.get(flag.name());
    if (given == null) {
      return flag.initial();
    }
    List<E> all = new ArrayList<>();
    for (Object value : given) {
      @SuppressWarnings("unchecked") // the flag's own reader made the value
      List<E> list = (List<E>) value;
      all.addAll(list);
    }
    return all;
  }
}
