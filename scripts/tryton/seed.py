"""Makes a fresh Tryton 6.0 database usable for the adapter's tests: a company with its currency and a chart of accounts,
an integration user that may do everything, and a user without any right.

usage: seed.py trytond.conf DATABASE PASSWORDS.json OUT.json

Runs inside the server (proteus without a network), so it needs no administrator password. OUT.json gets what a client needs
to know: the logins with their passwords and the ids of company and currency.
"""
import datetime
import json
import sys
from decimal import Decimal

from proteus import Model, Wizard, config


def currency(code, number, symbol, name, rate):
    record = Model.get('currency.currency')(
        name=name, code=code, numeric_code=number, symbol=symbol, rounding=Decimal('0.01'), digits=2)
    row = record.rates.new()
    row.date = datetime.date(2020, 1, 1)
    row.rate = Decimal(rate)
    record.save()
    return record


def company(name, in_currency):
    party = Model.get('party.party')(name=name)
    party.save()
    wizard = Wizard('company.company.config')
    wizard.execute('company')
    wizard.form.party = party
    wizard.form.currency = in_currency
    wizard.execute('add')
    found, = Model.get('company.company').find([])
    return found


def chart_of_accounts(of_company):
    """The minimal chart that comes with Tryton's account module; without it no party or product can be invoiced."""
    template, = Model.get('account.account.template').find([('parent', '=', None)], limit=1)
    wizard = Wizard('account.create_chart')
    wizard.execute('account')
    wizard.form.account_template = template
    wizard.form.company = of_company
    wizard.execute('create_account')

    def account(kind):
        found = Model.get('account.account').find([('type.' + kind, '=', True), ('company', '=', of_company.id)], limit=1)
        return found[0] if found else None

    wizard.form.account_receivable = account('receivable')
    wizard.form.account_payable = account('payable')
    for field, kind in (('category_account_revenue', 'revenue'), ('category_account_expense', 'expense')):
        if field in wizard.form._fields:
            setattr(wizard.form, field, account(kind))
    wizard.execute('create_properties')


def user(login, name, password, in_company, groups):
    User, Company = Model.get('res.user'), Model.get('company.company')
    record = User(name=name, login=login)
    record.password = password
    record.companies.append(Company(in_company.id))
    record.company = Company(in_company.id)
    for group in groups:
        record.groups.append(group)
    record.save()
    return record


def main(conf, database, passwords_file, out_file):
    session = config.set_trytond(database, config_file=conf)
    with open(passwords_file) as passwords_in:
        passwords = json.load(passwords_in)
    dollar = currency('USD', '840', '$', 'US Dollar', '1')
    currency('EUR', '978', '\u20ac', 'Euro', '0.92')
    kestrel = company('Kestrel Drive Systems', dollar)
    session._context = Model.get('res.user').get_preferences(True, {})
    chart_of_accounts(kestrel)
    user('gateway', 'Datum gateway', passwords['gateway'], kestrel, Model.get('res.group').find([]))
    user('reader', 'No rights', passwords['reader'], kestrel, [])
    with open(out_file, 'w') as out:
        json.dump({
            'company': kestrel.id, 'currency': 'USD',
            'users': {login: {'login': login, 'password': passwords[login]} for login in ('gateway', 'reader')},
        }, out)


main(*sys.argv[1:])
