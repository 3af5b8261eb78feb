package ai.llmd.epp.commandline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Goes through the arguments of one command line. Used once, by one thread. */
final class ArgumentReader {

  private static final String END_OF_FLAGS = "--";
  private static final int MAX_SHOWN = 60; // characters of an argument; it may be a whole document

  private final FlagNames names;
  private final List<String> arguments;
  private int next;

  private final Map<String, List<Object>> values = new HashMap<>();
  private final Map<String, String> complaints = new LinkedHashMap<>(); // reasons by flag
  private boolean hasMistakes;
  private boolean asksForHelp;

  ArgumentReader(FlagNames names, List<String> arguments) {
    this.names = names;
    this.arguments = arguments;
  }

  boolean asksForHelp() {
    return asksForHelp;
  }

  /** Whether something is unknown or cannot be read; a removed flag alone is neither. */
  boolean hasMistakes() {
    return hasMistakes;
  }

  /** A line for each flag that cannot be used, the removed ones among them. */
  List<String> complaints() {
    return complaints.entrySet().stream()
        .map(complaint -> complaint.getKey() + ": " + complaint.getValue())
        .toList();
  }

  /** Values of each flag that was given, by its name, in the order of the arguments. */
  Map<String, List<Object>> values() {
    return values;
  }

  void readAll() {
    while (next < arguments.size()) {
      String argument = arguments.get(next++);
      FlagWord word = FlagWord.parse(argument);
      if (word != null) {
        read(word);
      } else if (argument.equals(END_OF_FLAGS)) {
        refuseTheRest();
      } else {
        refuseAsArgument(argument);
      }
    }
  }

  private void refuseTheRest() {
    while (next < arguments.size()) {
      refuseAsArgument(arguments.get(next++));
    }
  }

  private void refuseAsArgument(String argument) {
    if (!argument.isBlank()) {
      refuse(shown(argument), "unexpected argument");
    }
  }

  private void read(FlagWord word) {
    Flag<?> flag = names.find(word.name());
    if (word.isHelp()) {
      asksForHelp = true;
    } else if (flag == null) {
      readUnknown(word);
    } else if (word.hasBlankInside()) {
      refuse(word.name(), "name and value are one argument; write " + flag + "=VALUE");
    } else if (flag.isHidden()) {
      skipRemoved(flag, word);
    } else {
      String value = word.value() != null ? word.value() : valueBehind(flag);
      if (value == null) {
        refuse(word.name(), "needs a value");
      } else {
        keep(flag, word.name(), value);
      }
    }
  }

  private @Nullable String valueBehind(Flag<?> flag) {
    if (!flag.isBoolean()) {
      return isValueNext() ? arguments.get(next++) : null;
    }
    return isValueNext() && !arguments.get(next).isBlank() ? arguments.get(next++) : "true";
  }

  /** Whether another argument follows that is no flag itself. */
  private boolean isValueNext() {
    return next < arguments.size()
        && !arguments.get(next).equals(END_OF_FLAGS)
        && FlagWord.parse(arguments.get(next)) == null;
  }

  /** A short name may have its value attached, as in {@code -v4}. */
  private void readUnknown(FlagWord word) {
    Flag<?> attached = word.value() == null ? names.find(word.shortName()) : null;
    if (attached != null && isReadable(attached, word.attached())) {
      keep(attached, word.name(), word.attached());
      return;
    }
    refuse(shown(word.name()), names.reasonAgainst(word.name()));
    if (word.value() == null && !word.hasBlankInside() && isValueNext()) {
      next++; // the unknown flag's value, which is not at fault
    }
  }

  /** What uses the flags refuses it; it is listed here beside other mistakes. */
  private void skipRemoved(Flag<?> flag, FlagWord word) {
    String value = word.value() != null ? word.value() : valueBehind(flag);
    values.computeIfAbsent(flag.name(), name -> new ArrayList<>()).add(value == null ? "" : value);
    complaints.putIfAbsent(flag.name(), names.reasonAgainst(flag.name()));
  }

  private void keep(Flag<?> flag, String name, String value) {
    try {
      Object read = flag.reader().read(value);
      values.computeIfAbsent(flag.name(), ignored -> new ArrayList<>()).add(read);
    } catch (IllegalArgumentException e) {
      refuse(name, String.valueOf(e.getMessage()));
    }
  }

  private static boolean isReadable(Flag<?> flag, String value) {
    try {
      flag.reader().read(value);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void refuse(String name, String reason) {
    hasMistakes = true;
    complaints.putIfAbsent(name, onOneLine(reason));
  }

  private static String shown(String argument) {
    String line = onOneLine(argument);
    return line.length() > MAX_SHOWN ? line.substring(0, MAX_SHOWN) + "…" : line;
  }

  private static String onOneLine(String text) {
    return text.replaceAll("\\R", "\\\\n");
  }
}
