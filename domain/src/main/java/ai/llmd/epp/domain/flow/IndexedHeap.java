package ai.llmd.epp.domain.flow;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A binary heap whose elements know their place, so that any of them is removed, or moved after a
 * change, in O(log n). Not safe for use by several threads.
 *
 * @param <T> elements; each is in the heap once at most
 */
public abstract class IndexedHeap<T> {

  /** The place of what is not in the heap. */
  public static final int ABSENT = -1;

  private static final int INITIAL_CAPACITY = 8;

  private @Nullable Object[] elements = new Object[INITIAL_CAPACITY];
  private int size;

  protected IndexedHeap() {}

  /** Less than 0 when the first is before the second. */
  protected abstract int compare(T first, T second);

  /** The place that was noted last, {@link #ABSENT} at the beginning. */
  protected abstract int place(T element);

  /** Notes where the element is now. */
  protected abstract void note(T element, int place);

  public final int size() {
    return size;
  }

  public final boolean isEmpty() {
    return size == 0;
  }

  /** The first element, or null. */
  public final @Nullable T head() {
    return size == 0 ? null : at(0);
  }

  public final void add(T element) {
    if (size == elements.length) {
      elements = Arrays.copyOf(elements, size * 2);
    }
    size++;
    up(size - 1, element);
  }

  /** Removes an element; nothing happens when it is not there. */
  public final void remove(T element) {
    int place = place(element);
    if (place == ABSENT) {
      return;
    }
    note(element, ABSENT);
    size--;
    T last = at(size);
    elements[size] = null;
    if (place < size) {
      settle(place, last);
    }
    if (elements.length > INITIAL_CAPACITY && size < elements.length / 4) {
      elements = Arrays.copyOf(elements, elements.length / 2);
    }
  }

  /** Puts an element that is here and has changed where it belongs now. */
  public final void moved(T element) {
    settle(place(element), element);
  }

  /** Restores the order after all elements may have changed; O(n). */
  public final void reorder() {
    for (int i = size / 2 - 1; i >= 0; i--) {
      down(i, at(i));
    }
  }

  /** Every element, in no particular order; the heap must not change meanwhile. */
  public final void forEach(Consumer<T> action) {
    for (int i = 0; i < size; i++) {
      action.accept(at(i));
    }
  }

  private void settle(int place, T element) {
    if (place > 0 && compare(element, at((place - 1) / 2)) < 0) {
      up(place, element);
    } else {
      down(place, element);
    }
  }

  private void up(int from, T element) {
    int place = from;
    while (place > 0) {
      int parent = (place - 1) / 2;
      T above = at(parent);
      if (compare(element, above) >= 0) {
        break;
      }
      set(place, above);
      place = parent;
    }
    set(place, element);
  }

  private void down(int from, T element) {
    int place = from;
    for (int child = 2 * place + 1; child < size; child = 2 * place + 1) {
      if (child + 1 < size && compare(at(child + 1), at(child)) < 0) {
        child++;
      }
      T below = at(child);
      if (compare(element, below) <= 0) {
        break;
      }
      set(place, below);
      place = child;
    }
    set(place, element);
  }

  private void set(int place, T element) {
    elements[place] = element;
    note(element, place);
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // below size there are elements only
  private T at(int place) {
    return (T) elements[place];
  }
}
