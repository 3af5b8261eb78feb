package ai.llmd.epp.domain.flow.fairness;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The programs of which other replicas get to know: those that were served last. Keeps nothing
 * before it is asked for the first time, so that a replica alone pays nothing. Any thread; noting a
 * program takes no lock.
 */
final class ServedLately {

  /** More are not shared. */
  static final int MAX = 1_000;

  private final Set<String> changed = ConcurrentHashMap.newKeySet();
  private final Set<String> lately = new LinkedHashSet<>(); // guarded by this; the last one last
  private volatile boolean isAskedFor;

  /** A program was served here. */
  void served(String program) {
    if (isAskedFor) {
      changed.add(program);
    }
  }

  /**
   * The programs that were served since the last call, and since ever at the first one.
   *
   * @param known all programs
   */
  synchronized List<String> takeChanged(Collection<String> known) {
    if (!isAskedFor) {
      isAskedFor = true;
      changed.addAll(known);
    }
    List<String> taken = new ArrayList<>();
    for (Iterator<String> programs = changed.iterator(); programs.hasNext(); ) {
      String program = programs.next();
      programs.remove(); // first: one that is served meanwhile is noted again
      lately.remove(program);
      lately.add(program);
      taken.add(program);
    }
    for (Iterator<String> first = lately.iterator(); lately.size() > MAX; ) {
      first.next();
      first.remove();
    }
    return taken.size() <= MAX ? taken : taken.subList(taken.size() - MAX, taken.size());
  }

  /** The programs that were served last, as of the last call of {@link #takeChanged}. */
  synchronized List<String> all() {
    return List.copyOf(lately);
  }

  /** There is nothing worth knowing of these any more. */
  synchronized void forget(Collection<String> programs) {
    programs.forEach(lately::remove);
  }
}
