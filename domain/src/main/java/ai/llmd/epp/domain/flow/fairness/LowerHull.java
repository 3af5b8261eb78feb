package ai.llmd.epp.domain.flow.fairness;

import ai.llmd.epp.domain.flow.FlowQueue;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Flows as points of a plane, service by wait. Of all of them it finds the one that costs least,
 * whatever a unit of either costs, in O(log n): it is a corner of the lower hull. Adding and
 * removing take O(log² n).
 *
 * <p>The tree of M. Overmars and J. van Leeuwen, Maintenance of Configurations in the Plane (1981):
 * its leaves are the points in the order of their service, those at the same place in one leaf, and
 * every other node knows the edge that bridges the hulls of its two halves. Balanced by height.
 * Used by one thread at a time.
 */
final class LowerHull {

  /**
   * A flow with what it is ranked by.
   *
   * @param service that it has had, 0 or more
   * @param since when its first request was queued, in milliseconds
   */
  record Point(FlowQueue flow, double service, long since) {

    private int compare(Point other) {
      int order = Double.compare(service, other.service);
      return order != 0 ? order : Long.compare(since, other.since); // the lower one is first
    }

    private boolean isBefore(Point other) {
      return compare(other) < 0;
    }

    /** Whether it costs no more than another one; by their difference, which is exact. */
    private boolean isAsCheapAs(Point other, double perService, double perMilli) {
      return perService * (service - other.service) + perMilli * (since - other.since) <= 0;
    }

    /** Twice the area of the triangle; below 0 when the third is below the line of the others. */
    private static double area(Point first, Point second, Point third) {
      return (second.service - first.service) * (third.since - first.since)
          - (third.service - first.service) * (second.since - first.since);
    }
  }

  private static final class Node {

    private Node left = this;
    private Node right = this;
    private int height;
    private Point first;
    private Point last;
    private Point from; // the bridge: its end in the left half
    private Point to;
    private long earliest;
    private long latest;
    private @Nullable Set<Point> same; // of a leaf with several: all that lie there, the first too

    Node(Point leaf) {
      first = leaf;
      last = leaf;
      from = leaf;
      to = leaf;
      earliest = leaf.since();
      latest = leaf.since();
    }

    /** Of two leaves, in their order. */
    Node(Node left, Node right) {
      this(left.first);
      this.left = left;
      this.right = right;
      summarize();
    }

    boolean isLeaf() {
      return height == 0;
    }

    void summarize() {
      height = 1 + Math.max(left.height, right.height);
      first = left.first;
      last = right.last;
      earliest = Math.min(left.earliest, right.earliest);
      latest = Math.max(left.latest, right.latest);
      bridge();
    }

    /**
     * Goes down both halves at once. Each step leaves half of a hull out, in which an end of the
     * bridge cannot be: beyond an edge whose line has the other half's edge below it; or else
     * beyond the one of both edges whose lines meet on its own side.
     */
    private void bridge() {
      Node l = left;
      Node r = right;
      double middle = right.first.service();
      while (!l.isLeaf() || !r.isLeaf()) {
        double above = Point.area(l.from, l.to, r.from);
        double before = Point.area(r.from, r.to, l.to);
        if (!l.isLeaf() && above < 0) {
          l = l.left;
        } else if (!r.isLeaf() && before < 0) {
          r = r.right;
        } else if (!l.isLeaf() && (r.isLeaf() || doMeetBefore(middle, l, r, above, before))) {
          l = l.right;
        } else {
          r = r.left;
        }
      }
      from = l.first;
      to = r.first;
    }

    /**
     * Whether the lines of both edges meet left of the middle. It is {@code near / turn} right of
     * the left edge, and {@code far / turn} left of the right one; the smaller of both is precise.
     */
    private static boolean doMeetBefore(
        double middle, Node l, Node r, double above, double before) {
      double widthOfLeft = l.to.service() - l.from.service();
      double widthOfRight = r.to.service() - r.from.service();
      double turn =
          widthOfLeft * (r.to.since() - r.from.since())
              - widthOfRight * (l.to.since() - l.from.since());
      double near = widthOfLeft * before;
      double far = widthOfRight * above;
      if (turn <= 0) {
        return true;
      }
      return near < far
          ? near < (middle - l.to.service()) * turn
          : (r.from.service() - middle) * turn < far;
    }

    Node with(Point point) {
      if (isLeaf()) {
        return beside(point);
      }
      if (point.isBefore(right.first)) {
        left = left.with(point);
      } else {
        right = right.with(point);
      }
      return balanced();
    }

    private Node beside(Point point) {
      int order = point.compare(first);
      if (order != 0) {
        Node leaf = new Node(point);
        return order < 0 ? new Node(leaf, this) : new Node(this, leaf);
      }
      if (same == null) {
        same = new LinkedHashSet<>(List.of(first));
      }
      same.add(point);
      return this;
    }

    private @Nullable Node alone(Point point) {
      if (same == null) {
        return null;
      }
      same.remove(point);
      first = same.iterator().next();
      last = first;
      from = first;
      to = first;
      if (same.size() == 1) {
        same = null;
      }
      return this;
    }

    @Nullable Node without(Point point) {
      if (isLeaf()) {
        return alone(point);
      }
      if (point.isBefore(right.first)) {
        Node rest = left.without(point);
        if (rest == null) {
          return right;
        }
        left = rest;
      } else {
        Node rest = right.without(point);
        if (rest == null) {
          return left;
        }
        right = rest;
      }
      return balanced();
    }

    private Node balanced() {
      int tilt = left.height - right.height;
      if (tilt > 1) {
        if (left.left.height < left.right.height) {
          left = left.rotatedLeft();
        }
        return rotatedRight();
      }
      if (tilt < -1) {
        if (right.right.height < right.left.height) {
          right = right.rotatedRight();
        }
        return rotatedLeft();
      }
      summarize();
      return this;
    }

    private Node rotatedRight() {
      Node top = left;
      left = top.right;
      summarize();
      top.right = this;
      top.summarize();
      return top;
    }

    private Node rotatedLeft() {
      Node top = right;
      right = top.left;
      summarize();
      top.left = this;
      top.summarize();
      return top;
    }
  }

  private @Nullable Node root;

  /** Adds a point; there is none of its flow. */
  void add(Point point) {
    root = root == null ? new Node(point) : root.with(point);
  }

  /** Removes a point that is there. */
  void remove(Point point) {
    if (root != null) {
      root = root.without(point);
    }
  }

  /** Removes all. */
  void clear() {
    root = null;
  }

  /**
   * The point that costs least, by the range of all of them: from the least service and the longest
   * wait, which cost nothing, to the most and the shortest, which cost as much as is given. What is
   * the same for all costs nothing.
   *
   * @param ofService what the most service costs, 0 or more
   * @param ofWait what the shortest wait costs, 0 or more
   * @param rounding services whose difference is no greater, as a share of the greatest, are equal
   * @return null when there is none
   */
  @Nullable FlowQueue cheapest(double ofService, double ofWait, double rounding) {
    Node node = root;
    if (node == null) {
      return null;
    }
    double most = node.last.service();
    double services = most - node.first.service();
    double perService = services <= rounding * most ? 0 : ofService / services;
    long waits = node.latest - node.earliest;
    double perMilli = waits == 0 ? 0 : ofWait / waits;
    while (!node.isLeaf()) {
      node = node.from.isAsCheapAs(node.to, perService, perMilli) ? node.left : node.right;
    }
    return node.first.flow();
  }
}
