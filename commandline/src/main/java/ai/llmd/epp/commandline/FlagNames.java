package ai.llmd.epp.commandline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds flags by their names, and the ones that an unknown name may have meant. */
final class FlagNames {

  private static final int MAX_SUGGESTIONS = 3;

  /** Letters of a name per slip that is taken for a typing mistake. */
  private static final int LETTERS_PER_SLIP = 4;

  private static final int MAX_SLIPS = 3;
  private static final int MIN_WORD = 3; // letters; a shorter word is in too many names
  private static final Pattern BETWEEN_WORDS = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|[-_.]+");

  private final List<Flag<?>> flags;
  private final Map<String, Flag<?>> byName = new HashMap<>();

  FlagNames(List<Flag<?>> flags) {
    this.flags = flags;
    for (Flag<?> flag : flags) {
      flag.names().forEach(name -> byName.put(name, flag));
    }
  }

  /** The flag of exactly this name, or null. */
  @Nullable Flag<?> find(String name) {
    return byName.get(name);
  }

  /** Why a name cannot be used: its flag was removed, or is spelled differently. */
  String reasonAgainst(String name) {
    String letters = letters(name);
    for (Flag<?> flag : flags) {
      if (letters(flag.name()).equals(letters)) {
        return flag.refusal() != null && flag.isHidden() ? flag.refusal() : unknown(List.of(flag));
      }
    }
    return unknown(meantBy(name, letters));
  }

  private static String unknown(List<Flag<?>> meant) {
    return meant.isEmpty()
        ? "unknown flag"
        : meant.stream()
            .map(Flag::name)
            .collect(Collectors.joining(" or ", "unknown flag; did you mean ", "?"));
  }

  private List<Flag<?>> meantBy(String name, String letters) {
    List<Flag<?>> meant = withTypingMistakes(letters);
    if (meant.isEmpty()) {
      Set<String> words = words(name);
      meant = few(flag -> words(flag.name()).containsAll(words), letters);
    }
    if (meant.isEmpty()) {
      Set<String> words = words(name);
      meant = few(flag -> isWorthAWord(flag) && words.containsAll(words(flag.name())), letters);
    }
    return meant;
  }

  private static boolean isWorthAWord(Flag<?> flag) {
    return letters(flag.name()).length() >= MIN_WORD;
  }

  /** The flags that are the fewest slips away, if those are few enough. */
  private List<Flag<?>> withTypingMistakes(String letters) {
    int fewest = Math.min(MAX_SLIPS, letters.length() / LETTERS_PER_SLIP);
    List<Flag<?>> nearest = new ArrayList<>();
    for (Flag<?> flag : visible()) {
      int slips = EditDistance.between(letters, letters(flag.name()));
      if (slips < fewest) {
        nearest.clear();
        fewest = slips;
      }
      if (slips == fewest && slips > 0) {
        nearest.add(flag);
      }
    }
    return nearest.size() > MAX_SUGGESTIONS ? List.of() : nearest;
  }

  /** Those that fit; of too many the ones that begin alike. */
  private List<Flag<?>> few(Predicate<Flag<?>> fits, String letters) {
    List<Flag<?>> all = visible().stream().filter(fits).toList();
    List<Flag<?>> fewer =
        all.size() <= MAX_SUGGESTIONS
            ? all
            : all.stream().filter(flag -> letters(flag.name()).startsWith(letters)).toList();
    return fewer.size() <= MAX_SUGGESTIONS ? fewer : List.of();
  }

  private List<Flag<?>> visible() {
    return flags.stream().filter(flag -> !flag.isHidden()).toList();
  }

  /** A name without dashes, underscores and case: how spellings of one flag are alike. */
  private static String letters(String name) {
    return name.replaceAll("[^\\p{L}\\p{N}]", "").toLowerCase(Locale.ROOT);
  }

  private static Set<String> words(String name) {
    return Arrays.stream(BETWEEN_WORDS.split(name, -1))
        .map(FlagNames::letters)
        .filter(word -> !word.isEmpty())
        .collect(Collectors.toSet());
  }
}
