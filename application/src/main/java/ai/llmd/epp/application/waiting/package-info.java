/** Steps of a routing that have to wait: what they return, how long they may, and how many. */
@NullMarked
package ai.llmd.epp.application.waiting;

import org.jspecify.annotations.NullMarked;
