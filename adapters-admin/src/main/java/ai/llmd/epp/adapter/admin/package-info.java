/**
 * The pages of the admin port, for people and programs. The text of the metrics comes from outside.
 */
@NullMarked
package ai.llmd.epp.adapter.admin;

import org.jspecify.annotations.NullMarked;
