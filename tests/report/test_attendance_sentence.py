from pipeline.attendance import Attendance, PartAttendance, Presence
from report.attendance import attendance_sentence

NOBODY = Presence(held_out=0, cold=0, cold_share=0.0, absent=5)


def part(begins: str | None, users: Presence) -> PartAttendance:
    return PartAttendance(begins=begins, users=users, movies=NOBODY)


def test_a_timeline_names_its_days_and_its_cold_users() -> None:
    validation = part("1997-12-28", Presence(held_out=214, cold=190, cold_share=0.894, absent=729))
    test = part("1998-01-12", Presence(held_out=301, cold=2, cold_share=0.01, absent=642))
    assert attendance_sentence("timeline", Attendance(validation, test)) == (
        "timeline: trained until 1997-12-28, validated until 1998-01-12; "
        "214 of 943 users have validation ratings, 190 of them (with 89% of these ratings) none to learn "
        "from; 301 of 943 users have test ratings, 2 of them (with 1% of these ratings) none to learn from."
    )


def test_a_protocol_without_a_day_between_its_parts_names_none() -> None:
    everybody = part(None, Presence(held_out=1200, cold=0, cold_share=0.0, absent=0))
    assert attendance_sentence("per_user", Attendance(everybody, everybody)) == (
        "per_user: 1,200 of 1,200 users have validation ratings, all of them others to learn from; "
        "1,200 of 1,200 users have test ratings, all of them others to learn from."
    )
