package ai.llmd.epp.commandline;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.ParseResult;

/** The flags of one command line, typed as the table says. */
public final class GivenFlags {

  private final ParseResult parsed;

  GivenFlags(ParseResult parsed) {
    this.parsed = parsed;
  }

  public boolean has(Flag<?> flag) {
    return parsed.hasMatchedOption(flag.name());
  }

  /** The last value given, else the flag's initial one. */
  public <T> T get(Flag<T> flag) {
    if (!has(flag)) {
      return flag.initial();
    }
    @SuppressWarnings("unchecked") // the flag's own reader made the value
    T value = (T) parsed.matchedOption(flag.name()).typedValues().getLast();
    return value;
  }

  /** The values of a flag that may be repeated, all together, without duplicates. */
  public <E> List<E> getAll(Flag<List<E>> flag) {
    if (!has(flag)) {
      return flag.initial();
    }
    Set<E> all = new LinkedHashSet<>();
    for (Object value : parsed.matchedOption(flag.name()).typedValues()) {
      @SuppressWarnings("unchecked") // the flag's own reader made the value
      List<E> values = (List<E>) value;
      all.addAll(values);
    }
    return new ArrayList<>(all);
  }
}
