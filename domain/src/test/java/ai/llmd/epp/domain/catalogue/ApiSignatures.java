package ai.llmd.epp.domain.catalogue;

import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The public and protected signatures of types as lines of text, one per type and member, so that
 * two versions are compared by comparing lines. A line names its type first: {@code
 * scheduling.Scorer: public abstract scheduling.Scores score(scheduling.SchedulingCycle)}.
 */
final class ApiSignatures {

  private static final String ROOT = "ai.llmd.epp.domain.";

  /** Every object has them, and records have them final until one is written by hand. */
  private static final Set<String> OF_EVERY_OBJECT = Set.of("equals", "hashCode", "toString");

  private ApiSignatures() {}

  /**
   * @param classes folder of class files
   * @param isPublished by binary name of a class
   */
  static SortedSet<String> below(Path classes, Predicate<String> isPublished) throws IOException {
    try (Stream<Path> files = Files.walk(classes)) {
      return files
          .map(file -> classes.relativize(file).toString())
          .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
          .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.'))
          .filter(isPublished)
          .map(ApiSignatures::load)
          .flatMap(type -> of(type).stream())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /** The lines of one type, without those of its nested types; none when it is not visible. */
  static List<String> of(Class<?> type) {
    if (!isVisible(type)) {
      return List.of();
    }
    String owner = shortened(type.getTypeName()) + ": ";
    return Stream.concat(Stream.of(header(type)), members(type))
        .map(line -> owner + shortened(line))
        .sorted()
        .toList();
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, ApiSignatures.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isVisible(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return isVisible(type.getModifiers())
        && !type.isAnonymousClass()
        && !type.isLocalClass()
        && (outer == null || isVisible(outer));
  }

  private static boolean isVisible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static String header(Class<?> type) {
    var header = new StringBuilder(type.toGenericString());
    Type superclass = type.getGenericSuperclass();
    if (superclass != null
        && !Object.class.equals(superclass)
        && !type.isRecord()
        && !type.isEnum()) {
      append(header, " extends ", superclass);
    }
    append(header, " implements ", type.getGenericInterfaces());
    if (type.isSealed()) {
      append(header, " permits ", type.getPermittedSubclasses());
    }
    return header.toString();
  }

  private static void append(StringBuilder header, String word, Type... types) {
    if (types.length > 0) {
      header
          .append(word)
          .append(
              Stream.of(types).map(Type::getTypeName).sorted().collect(Collectors.joining(",")));
    }
  }

  private static Stream<String> members(Class<?> type) {
    Stream<String> fields =
        Arrays.stream(type.getDeclaredFields())
            .filter(field -> isVisible(field.getModifiers()) && !field.isSynthetic())
            .map(Field::toGenericString);
    Stream<String> executables =
        Stream.<Executable>concat(
                Arrays.stream(type.getDeclaredConstructors()),
                Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> !OF_EVERY_OBJECT.contains(method.getName())))
            .filter(member -> isVisible(member.getModifiers()) && !member.isSynthetic())
            .map(Executable::toGenericString)
            .map(line -> line.replace(" synchronized ", " "));
    return Stream.concat(fields, executables)
        .map(line -> line.replace(type.getTypeName() + ".", ""));
  }

  private static String shortened(String line) {
    return line.replace(ROOT, "").replace("java.lang.", "").replace("java.util.", "");
  }
}
