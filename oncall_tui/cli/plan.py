"""`oncall-tui plan`: what an organisation has bought, what an upgrade does, and what is refused (R8, R21)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall_tui.cli.parser import Commands, Parser, add_command

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from oncall_tui.cli.context import Context
    from oncall_tui.desk import Desk
    from oncall_tui.domain.commitment import Contract
    from oncall_tui.domain.plan_upgrade import PlanUpgrade

_CUSTOMER = "the customer's id, or what finds it alone: a part of the name, a domain, a number"
_REFUSED = 1


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and its acts."""
    group = commands.add_parser(
        "plan",
        help="show a contract, upgrade it, or refuse what it doesn't allow",
        description="Show a contract, upgrade it, or refuse what it doesn't allow.",
        epilog="example: oncall-tui plan upgrade leman --to enterprise --dry-run",
    )
    group.set_defaults(parser=group)
    acts: Commands[Parser] = group.add_subparsers(metavar="ACT", title="acts", dest="act", required=True)

    show = add_command(
        acts,
        "show",
        run_show,
        help="print the plan, until when it is committed and what it can become",
        example="oncall-tui plan show leman --json",
    )
    show.add_argument("customer", metavar="CUSTOMER", help=_CUSTOMER)

    upgrade = add_command(
        acts,
        "upgrade",
        run_upgrade,
        help="put a customer under a higher plan from now on, and list what every open ticket is due then",
        example="oncall-tui plan upgrade leman --to enterprise --dry-run",
        acts=True,
    )
    upgrade.add_argument("customer", metavar="CUSTOMER", help=_CUSTOMER)
    upgrade.add_argument("--to", required=True, metavar="PLAN", help="plus, pro or enterprise")
    upgrade.add_argument("--dry-run", action="store_true", help="list it and change nothing")

    refuse = add_command(
        acts,
        "refuse",
        run_refuse,
        help="print what to say to who asks for what the contract doesn't allow, and write it down",
        example="oncall-tui plan refuse leman cancel",
        acts=True,
    )
    refuse.add_argument("customer", metavar="CUSTOMER", help=_CUSTOMER)
    refuse.add_argument(
        "change",
        metavar="CHANGE",
        choices=("downgrade", "cancel", "refund"),
        help="downgrade, cancel or refund",
    )


def run_show(args: Namespace, context: Context) -> int:
    """Print the contract, as of the day of `--now` where it is given."""
    from oncall_tui.cli.output import print_json

    with context.desk(read_only=True) as desk:
        found = desk.contracts.show(desk.customers.meant(args.customer), as_of=context.as_of)
    if args.json:
        print_json(contract_as_json(found))
    else:
        print(*contract_lines(found), sep="\n")
    return 0


def run_upgrade(args: Namespace, context: Context) -> int:
    """Upgrade, and print every open ticket's old and new due time; with `--dry-run` only print them."""
    from oncall_tui.cli.output import print_json
    from oncall_tui.domain.plans import Plan

    plan = Plan.parse(args.to)
    with context.desk(read_only=args.dry_run) as desk:
        customer = desk.customers.meant(args.customer)
        act = desk.contracts.outlook if args.dry_run else desk.contracts.upgrade
        done = act(customer, plan)
        if args.json:
            print_json(upgrade_as_json(desk, done, dry_run=args.dry_run))
        else:
            print(*_upgrade_lines(desk, done, dry_run=args.dry_run), sep="\n")
    return 0


def run_refuse(args: Namespace, context: Context) -> int:
    """Write down what is refused, and print what to say; the exit code is that of a refusal."""
    from oncall_tui.cli.output import print_json
    from oncall_tui.domain.contract_changes import Change
    from oncall_tui.translation import spoken

    with context.desk() as desk:
        customer = desk.customers.meant(args.customer)
        ruling = desk.contracts.refuse(customer, Change(args.change))
        contract = desk.contracts.show(customer)
    say = spoken(ruling.say)
    if args.json:
        print_json(
            contract_as_json(contract)
            | {
                "change": ruling.change,
                "answer": ruling.answer,
                "rule": ruling.rule,
                "why": ruling.why.english,
                "say": {"fr": say.fr, "en": say.en},
                "next_step": ruling.next_step.english,
            }
        )
    else:
        print(
            f"{contract.customer.name}: {ruling.change} refused, {ruling.why.english} ({ruling.rule})",
            f"say   « {say.fr} »",
            f'      "{say.en}"',
            f"then  {ruling.next_step.english}",
            sep="\n",
        )
    return _REFUSED


def contract_as_json(contract: Contract) -> dict[str, Any]:
    """Return a contract for scripts; days are ISO 8601 dates of the provider's zone."""
    customer = contract.customer
    return {
        "customer": customer.id,
        "customer_name": customer.name,
        "plan": customer.plan,
        "partner": customer.partner,
        "subscribed_on": _day(contract.subscribed_on),
        "committed_until": _day(contract.until),
        "commitment": contract.commitment,
        "days_left": contract.days_left,
        "can_become": list(contract.can_become),
    }


def upgrade_as_json(desk: Desk, done: PlanUpgrade, *, dry_run: bool) -> dict[str, Any]:
    """Return an upgrade for scripts: the contract as it stands now, and the open tickets in board order."""
    from oncall_tui.cli.output import stamp
    from oncall_tui.domain.plan_upgrade import what_opens

    zone = desk.offer.zone
    return contract_as_json(done.contract if dry_run else done.after) | {
        "from": done.contract.plan,
        "to": done.plan,
        "dry_run": dry_run,
        "opens": [each.english for each in what_opens(done.contract, done.plan, desk.offer)],
        "tickets": [
            {
                "ref": each.before.ref,
                "subject": each.before.subject,
                "old_due_at": stamp(each.old_due_at, zone),
                "new_due_at": stamp(each.new_due_at, zone),
                "note": each.note,
            }
            for each in done.tickets
        ],
    }


def contract_lines(contract: Contract) -> list[str]:
    """Return a contract in lines for people."""
    from oncall_tui.domain.contract_changes import plan_name

    customer = contract.customer
    higher = ", ".join(plan_name(plan) for plan in contract.can_become)
    facts = [
        ("plan", plan_name(customer.plan) + (", partner" if customer.partner else "")),
        ("subscribed", contract.subscribed_on.isoformat() if contract.subscribed_on else "not on file"),
        ("committed", _commitment(contract)),
        ("can become", higher or "nothing higher"),
    ]
    return [f"{customer.name} ({customer.id})", *(f"  {name:<11} {text}" for name, text in facts)]


def _commitment(contract: Contract) -> str:
    from oncall_tui.domain.commitment import Commitment

    match contract.commitment:
        case Commitment.NONE:
            return "no, standard support has no commitment"
        case Commitment.UNKNOWN:
            return "not known: the day of subscription isn't on file"
        case Commitment.RUNNING:
            left = contract.days_left
            days = "the last day" if not left else "1 day left" if left == 1 else f"{left} days left"
            return f"until {_day(contract.until)}, {days}"
        case Commitment.OVER:
            return f"no more, it was until {_day(contract.until)}"


def _upgrade_lines(desk: Desk, done: PlanUpgrade, *, dry_run: bool) -> list[str]:
    from oncall_tui.cli.output import Column, table, terminal_width
    from oncall_tui.domain.contract_changes import plan_name
    from oncall_tui.domain.plan_upgrade import what_opens

    zone = desk.offer.zone
    what = "would become" if dry_run else "is now"
    said = f"{done.contract.customer.name} {what} {plan_name(done.plan)}; committed {_commitment(done.after)}"
    lines = [said, *(f"  opens {each.english}" for each in what_opens(done.contract, done.plan, desk.offer))]
    if not done.tickets:
        return [*lines, "no ticket of theirs is open"]
    columns = (
        Column("REF"),
        Column("SUBJECT", least=12),
        Column("OLD DUE"),
        Column("NEW DUE"),
        Column("NOTE", drop=1),
    )
    rows = [
        (
            each.before.ref,
            each.before.subject,
            _due(each.old_due_at, zone),
            _due(each.new_due_at, zone),
            each.note,
        )
        for each in done.tickets
    ]
    return [*lines, *table(columns, rows, terminal_width())]


def _due(instant: datetime | None, zone: ZoneInfo) -> str:
    from oncall_tui.cli.output import moment

    return "none" if instant is None else moment(instant, zone)


def _day(day: object) -> str | None:
    return None if day is None else str(day)
