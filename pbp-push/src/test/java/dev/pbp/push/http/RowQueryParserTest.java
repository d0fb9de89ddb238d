package dev.pbp.push.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pbp.core.model.Comparison;
import dev.pbp.core.model.Comparison.Operator;
import dev.pbp.core.model.RowQuery;
import dev.pbp.core.model.SortKey;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RowQueryParserTest {
    private static RowQuery parse(Map<String, List<String>> parameters) {
        return RowQueryParser.parse("orders", parameters);
    }

    private static Comparison parse(String condition) {
        return RowQueryParser.comparison("count", condition);
    }

    @Test
    void withoutParametersAllIsRead() {
        assertEquals(RowQuery.all("orders"), parse(Map.of()));
    }

    @Test
    void readsOperators() {
        assertEquals(new Comparison("count", false, Operator.GT, List.of("3")), parse("gt.3"));
        assertEquals(new Comparison("count", false, Operator.EQ, List.of("")), parse("eq."));
        assertEquals(new Comparison("count", false, Operator.EQ, List.of("not.a.b")), parse("eq.not.a.b"));
        assertEquals(new Comparison("count", true, Operator.LTE, List.of("3.5")), parse("not.lte.3.5"));
        assertEquals(new Comparison("count", false, Operator.IS, List.of("null")), parse("is.NULL"));
        assertEquals(new Comparison("count", true, Operator.IS, List.of("unknown")), parse("not.is.unknown"));
    }

    @Test
    void anAsteriskStandsForAPercentSign() {
        assertEquals(List.of("a%\\%"), parse("like.a*\\%").operands());
        assertEquals(List.of("a\\\\"), parse("ilike.a\\\\").operands());
    }

    @Test
    void readsLists() {
        assertEquals(List.of("a", "b"), parse("in.(a,b)").operands());
        assertEquals(List.of(), parse("in.()").operands());
        assertEquals(List.of("", ""), parse("in.(,)").operands());
        assertEquals(
                List.of("a,b", "c\"d\\", ")", "e\"f"),
                parse("in.(\"a,b\",\"c\\\"d\\\\\",),e\"f)").operands());
        assertEquals(List.of("(1,2)"), parse("in.(\"(1,2)\")").operands());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "3",
                "eq",
                "gtx.3",
                "EQ.3",
                "not.3",
                "not.not.eq.3",
                "in.1",
                "in.(",
                "in.(\"a)",
                "in.(\"a\"b)",
                "is.0",
                "like.a\\",
                "like.\\\\\\"
            })
    void namesTheColumnOfABadCondition(String condition) {
        Problem problem = assertThrows(Problem.class, () -> parse(condition));
        assertEquals(400, problem.status());
        assertTrue(problem.json().contains("\"detail\":\"" + "count: "), problem.json());
    }

    @Test
    void severalConditionsAreAllKept() {
        RowQuery query = parse(Map.of("count", List.of("gt.1", "lt.5"), "\"a.b\"", List.of("eq.x")));
        assertEquals(3, query.where().size());
        assertTrue(query.where().contains(new Comparison("a.b", false, Operator.EQ, List.of("x"))));
    }

    @Test
    void readsColumnsOrderAndSize() {
        RowQuery query = parse(Map.of(
                "select", List.of("a,\"b,c\""),
                "order", List.of("a.desc,b.asc.nullsfirst,c.desc.nullslast,d,\"e.desc\".nullsfirst"),
                "limit", List.of("10"),
                "offset", List.of("0")));
        assertEquals(List.of("a", "b,c"), query.columns());
        assertEquals(
                List.of(
                        new SortKey("a", true, true),
                        new SortKey("b", false, true),
                        new SortKey("c", true, false),
                        new SortKey("d", false, false),
                        new SortKey("e.desc", false, true)),
                query.order());
        assertEquals(10L, query.limit());
        assertEquals(0, query.offset());
        assertEquals(List.of(), parse(Map.of("select", List.of("*"))).columns());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "select|a,",
                "select|a,a",
                "select|\"a",
                "order|a.up",
                "order|a.desc.nulls",
                "order|",
                "order|.desc",
                "order|a..desc",
                "order|a.descending",
                "limit|-1",
                "limit|1.5",
                "limit|1234567890123456789",
                "offset|x"
            })
    void namesABadParameter(String name, String value) {
        Problem problem = assertThrows(Problem.class, () -> parse(Map.of(name, List.of(value == null ? "" : value))));
        assertTrue(problem.json().contains("\"detail\":\"" + name + ": "), problem.json());
    }

    @Test
    void rejectsAParameterThatIsThereTwiceAndAColumnWithoutName() {
        assertThrows(Problem.class, () -> parse(Map.of("limit", List.of("1", "1"))));
        assertThrows(Problem.class, () -> parse(Map.of("", List.of("eq.1"))));
    }
}
